package dev.headlamp.hooks.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class HeadScoresTest {

  private static HookedGpt2 tiny;

  @BeforeAll
  static void load() throws IOException {
    tiny = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  /** Heads without queries look everywhere alike: 1/n at the n-th position. */
  @Test
  void headsThatLookEverywhereAlikeHaveTheScoresOfUniformAttention() {
    int length = 6;
    try (HookedGpt2 uniform = tiny.processed(WeightProcessing.none())) {
      for (BlockWeights block : uniform.engine().weights().blocks()) {
        block.wQ().assign(0);
        INDArray bias = block.bQ();
        if (bias != null) {
          bias.assign(0);
        }
      }
      HeadScores scores = HeadScores.of(uniform, RepeatedTokens.of(length, 2, 1));
      double previous = meanOfOneOver(2, 2 * length);
      double repeated = meanOfOneOver(length + 1, 2 * length);
      assertThat(scores.of(HeadType.PREVIOUS_TOKEN).value(1, 3)).isCloseTo(previous, within(1e-12));
      assertThat(scores.of(HeadType.INDUCTION).value(0, 0)).isCloseTo(repeated, within(1e-12));
      assertThat(scores.of(HeadType.DUPLICATE_TOKEN).value(0, 2))
          .isCloseTo(repeated, within(1e-12));
    }
  }

  private static double meanOfOneOver(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToDouble(n -> 1.0 / n).average().orElseThrow();
  }

  @Test
  void scoresAreMeansOverTheDiagonalsThatTheKindsAreDefinedBy() {
    int length = 5;
    RepeatedTokens twice = RepeatedTokens.of(length, 2, 7);
    HeadScores scores = HeadScores.of(tiny, twice);
    double previous = 0;
    double duplicate = 0;
    double induction = 0;
    for (TokenBatch sequence : twice.draw(tiny.config())) {
      try (CachedRun run = tiny.runWithCache(sequence, CacheSpec.of(Activation.PATTERN))) {
        INDArray pattern = run.cache().get("pattern1").slice(0).slice(2);
        for (int pos = 1; pos < 2 * length; pos++) {
          previous += pattern.getDouble(pos, pos - 1) / (2 * length - 1) / 2;
        }
        for (int i = 0; i < length; i++) {
          duplicate += pattern.getDouble(length + i, i) / length / 2;
          induction += pattern.getDouble(length + i, i + 1) / length / 2;
        }
      }
    }
    assertThat(scores.of(HeadType.PREVIOUS_TOKEN).value(1, 2)).isCloseTo(previous, within(1e-12));
    assertThat(scores.of(HeadType.DUPLICATE_TOKEN).value(1, 2)).isCloseTo(duplicate, within(1e-12));
    assertThat(scores.of(HeadType.INDUCTION).value(1, 2)).isCloseTo(induction, within(1e-12));
  }

  @Test
  void tokensAreSaidTwiceAndTheSameSeedGivesTheSame() {
    Gpt2Config config = tiny.config();
    RepeatedTokens twice = RepeatedTokens.of(4, 3, 9);
    List<TokenBatch> drawn = twice.draw(config);
    assertThat(drawn).hasSize(3).isEqualTo(twice.draw(config)).doesNotHaveDuplicates();
    assertThat(drawn).isNotEqualTo(twice.withSeed(10).draw(config));
    for (TokenBatch sequence : drawn) {
      assertThat(sequence.length()).isEqualTo(8);
      for (int i = 0; i < 4; i++) {
        assertThat(sequence.id(0, i)).isEqualTo(sequence.id(0, i + 4)).isBetween(0, 100);
      }
    }
  }

  @Test
  void theLengthFollowsTheContextAndIsStatedInTheResult() {
    assertThat(RepeatedTokens.defaults(Gpt2Config.gpt2()).length()).isEqualTo(50);
    assertThat(RepeatedTokens.defaults(tiny.config()).length()).isEqualTo(48 / 2 - 1);
    HeadScores scores =
        HeadScores.of(tiny, RepeatedTokens.defaults(tiny.config()).withSequences(1));
    assertThat(scores.tokens().length()).isEqualTo(23);
    assertThat(scores.of(HeadType.INDUCTION).name())
        .isEqualTo(
            "induction score on 23 random tokens said twice, sequences: 1, seed: 1, bos: none");
    assertThat(scores.scores().shape()).containsExactly(3, 2, 4);
  }

  @Test
  void aTokenInFrontIsNoPartOfWhatIsSaidTwice() {
    RepeatedTokens behind = RepeatedTokens.of(3, 1, 4).withBos(99);
    TokenBatch sequence = behind.draw(tiny.config()).get(0);
    assertThat(sequence.prompt(0)).hasSize(7).startsWith(99);
    HeadScores scores = HeadScores.of(tiny, behind);
    try (CachedRun run = tiny.runWithCache(sequence, CacheSpec.of(Activation.PATTERN))) {
      INDArray pattern = run.cache().get("pattern0").slice(0).slice(1);
      double previous = 0;
      for (int pos = 2; pos < 7; pos++) {
        previous += pattern.getDouble(pos, pos - 1) / 5;
      }
      double induction =
          (pattern.getDouble(4, 2) + pattern.getDouble(5, 3) + pattern.getDouble(6, 4)) / 3;
      assertThat(scores.of(HeadType.PREVIOUS_TOKEN).value(0, 1)).isCloseTo(previous, within(1e-12));
      assertThat(scores.of(HeadType.INDUCTION).value(0, 1)).isCloseTo(induction, within(1e-12));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadScores.of(tiny, behind.withLength(24)))
        .withMessage("24 tokens said twice behind another do not fit: tiny has 48 positions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadScores.of(tiny, behind.withBos(101)))
        .withMessageContaining("token id 101 is out of range");
  }

  /** As docs/heads.md says. */
  @Test
  void noHeadOfTheDemoModelLooksMuchMoreLikeAnInductionHeadThanEvenAttentionDoes()
      throws IOException {
    try (HookedGpt2 demo = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      HeadScores scores = HeadScores.of(demo);
      assertThat(scores.tokens().length()).isEqualTo(31);
      double even = meanOfOneOver(32, 62);
      assertThat(scores.of(HeadType.INDUCTION).max().orElseThrow()).isBetween(even, 3 * even);
    }
  }

  @Test
  void ranksCountTheHeadsThatScoreHigher() {
    HeadScores scores = HeadScores.of(tiny, RepeatedTokens.of(5, 1, 1));
    for (HeadType type : HeadType.values()) {
      List<Integer> ranks =
          IntStream.range(0, 8).mapToObj(i -> scores.rank(type, i / 4, i % 4)).toList();
      assertThat(ranks).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
      int best = ranks.indexOf(1);
      assertThat(scores.of(type).value(best / 4, best % 4))
          .isEqualTo(scores.of(type).max().orElseThrow());
    }
    assertThatIllegalArgumentException().isThrownBy(() -> scores.rank(HeadType.INDUCTION, 2, 0));
  }

  @Test
  void tokensThatCannotBeSaidTwiceAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadScores.of(tiny, RepeatedTokens.of(25, 1, 1)))
        .withMessage("25 tokens said twice do not fit: tiny has 48 positions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RepeatedTokens.of(1, 1, 1))
        .withMessage("length (1) must be at least 2");
    assertThatIllegalArgumentException().isThrownBy(() -> RepeatedTokens.of(2, 0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RepeatedTokens.defaults(Gpt2Config.ofSize("short", 1, 1, 4, 5, 10)))
        .withMessageContaining("6 are needed");
  }
}
