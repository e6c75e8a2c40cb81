package dev.headlamp.hooks.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** TransformerLens' head detector, on patterns whose scores are known. */
class HeadDetectionTest {

  private static final CacheSpec PATTERNS = CacheSpec.of(Activation.PATTERN);

  /** Every head of the runs below attends so. */
  private static final double[][] ATTENTION = {
    {1, 0, 0, 0}, {0.25, 0.75, 0, 0}, {0.5, 0.3, 0.2, 0}, {0.1, 0.2, 0.3, 0.4}
  };

  private static HookedGpt2 tiny;

  @BeforeAll
  static void load() throws IOException {
    tiny = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static CachedRun runThatAttends(double[][] rows, TokenBatch tokens) {
    try (HookRegistry hooks = tiny.newHooks()) {
      hooks.add(
          point -> point.activation() == Activation.PATTERN,
          (value, context) -> {
            INDArray pattern = Nd4j.zerosLike(value);
            for (int prompt = 0; prompt < value.size(0); prompt++) {
              for (int head = 0; head < value.size(1); head++) {
                for (int dest = 0; dest < rows.length; dest++) {
                  for (int source = 0; source <= dest; source++) {
                    pattern.putScalar(new int[] {prompt, head, dest, source}, rows[dest][source]);
                  }
                }
              }
            }
            return pattern;
          });
      return tiny.runWithCache(tokens, PATTERNS, hooks);
    }
  }

  private static double score(HeadDetection detection, HeadType type, int... prompt) {
    try (CachedRun run = runThatAttends(ATTENTION, TokenBatch.of(prompt))) {
      LabelledArray scores = detection.scores(run.cache(), type);
      assertThat(scores.shape()).containsExactly(2, 4);
      assertThat(scores.values()).containsOnly(scores.value(0, 0));
      return scores.value(0, 0);
    }
  }

  @Test
  void mulIsTheShareOfAttentionThatGoesWhereThePatternIs() {
    HeadDetection mul = HeadDetection.defaults();
    // Of 4 in all: to the token before 0.25 + 0.3 + 0.3.
    assertThat(score(mul, HeadType.PREVIOUS_TOKEN, 5, 6, 7, 8)).isCloseTo(0.85 / 4, within(1e-6));
    // Token 5 stands at 0 and 2, token 6 at 1 and 3: attention 2 -> 0 and 3 -> 1.
    assertThat(score(mul, HeadType.DUPLICATE_TOKEN, 5, 6, 5, 6)).isCloseTo(0.7 / 4, within(1e-6));
    // And one further: 2 -> 1 and 3 -> 2.
    assertThat(score(mul, HeadType.INDUCTION, 5, 6, 5, 6)).isCloseTo(0.6 / 4, within(1e-6));
    assertThat(score(mul, HeadType.INDUCTION, 5, 6, 7, 8)).isZero();
  }

  @Test
  void whatIsExcludedCountsNeitherAboveNorBelow() {
    // Without the first column 0.75 + 0.5 + 0.9 are left, without the diagonal 0.25 + 0.8 + 0.6.
    assertThat(score(HeadDetection.defaults().excludingBos(), HeadType.PREVIOUS_TOKEN, 5, 6, 7, 8))
        .isCloseTo(0.6 / 2.15, within(1e-6));
    HeadDetection others = HeadDetection.defaults().excludingCurrentToken();
    assertThat(score(others, HeadType.PREVIOUS_TOKEN, 5, 6, 7, 8))
        .isCloseTo(0.85 / 1.65, within(1e-6));
    // Without both 0.3 + 0.5.
    assertThat(score(others.excludingBos(), HeadType.PREVIOUS_TOKEN, 5, 6, 7, 8))
        .isCloseTo(0.6 / 0.8, within(1e-6));
  }

  @Test
  void absIsOneLessTheDifferenceByPosition() {
    HeadDetection abs = HeadDetection.defaults().withMeasure(DetectionMeasure.ABS);
    // Row by row 1; 0.75 + 0.75; 0.5 + 0.7 + 0.2; 0.1 + 0.2 + 0.7 + 0.4.
    assertThat(score(abs, HeadType.PREVIOUS_TOKEN, 5, 6, 7, 8))
        .isCloseTo(1 - (1 + 1.5 + 1.4 + 1.4) / 4, within(1e-6));
    // Without the first column 0.75; 0.9; 1.3, without the diagonal 0.75; 1.2; 1.
    assertThat(score(abs.excludingBos(), HeadType.PREVIOUS_TOKEN, 5, 6, 7, 8))
        .isCloseTo(1 - (0.75 + 0.9 + 1.3) / 4, within(1e-6));
    assertThat(score(abs.excludingCurrentToken(), HeadType.PREVIOUS_TOKEN, 5, 6, 7, 8))
        .isCloseTo(1 - (0.75 + 1.2 + 1) / 4, within(1e-6));
  }

  @Test
  void aPatternOfOnesOwnIsFoundExactly() {
    HeadDetection abs = HeadDetection.defaults().withMeasure(DetectionMeasure.ABS);
    try (CachedRun run = runThatAttends(ATTENTION, TokenBatch.of(new int[] {5, 6, 7, 8}))) {
      assertThat(abs.scores(run.cache(), DetectionPattern.of(ATTENTION)).value(1, 3))
          .isCloseTo(1, within(1e-6));
      assertThat(run.cache().get("pattern0").getDouble(0, 0, 3, 0)).isCloseTo(0.1, within(1e-6));
    }
  }

  @Test
  void theMeanIsOverPromptsAndPaddingDoesNotCount() {
    TokenBatch padded =
        TokenBatch.padded(
            List.of(new int[] {5, 6, 5, 6}, new int[] {9, 9}), TokenBatch.Padding.LEFT, 0);
    HeadDetection detection = HeadDetection.defaults().excludingBos();
    LabelledArray together = detection.scores(tiny, padded, HeadType.INDUCTION);
    LabelledArray first =
        detection.scores(tiny, TokenBatch.of(new int[] {5, 6, 5, 6}), HeadType.INDUCTION);
    LabelledArray second =
        detection.scores(tiny, TokenBatch.of(new int[] {9, 9}), HeadType.INDUCTION);
    for (int i = 0; i < 8; i++) {
      assertThat(together.value(i / 4, i % 4))
          .isCloseTo((first.value(i / 4, i % 4) + second.value(i / 4, i % 4)) / 2, within(1e-5));
    }
  }

  /** The places that TransformerLens' functions give for these tokens. */
  @Test
  void knownPatternsLookWhereTheirKindLooks() {
    int[] prompt = {7, 7, 3, 7};
    assertThat(DetectionPattern.of(HeadType.PREVIOUS_TOKEN, prompt))
        .isEqualTo(
            DetectionPattern.of(
                new double[][] {{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}));
    assertThat(DetectionPattern.of(HeadType.DUPLICATE_TOKEN, prompt))
        .isEqualTo(
            DetectionPattern.of(
                new double[][] {{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {1, 1, 0, 0}}));
    assertThat(DetectionPattern.of(HeadType.INDUCTION, prompt))
        .isEqualTo(
            DetectionPattern.of(
                new double[][] {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 0, 0}, {0, 1, 1, 0}}));
  }

  @Test
  void aHeadAllOfWhoseAttentionIsExcludedHasNoScore() {
    double[][] first = {{1, 0}, {1, 0}};
    try (CachedRun run = runThatAttends(first, TokenBatch.of(new int[] {5, 6}))) {
      LabelledArray scores =
          HeadDetection.defaults().excludingBos().scores(run.cache(), HeadType.PREVIOUS_TOKEN);
      assertThat(scores.isAbsent(0, 0)).isTrue();
    }
  }

  @Test
  void patternsThatAreNoneAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DetectionPattern.of(new double[][] {{1, 0}, {1}}))
        .withMessage("a detection pattern must be square: row 1 of 2 has 1 entries");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DetectionPattern.of(new double[][] {{0, 1}, {1, 0}}))
        .withMessage("a detection pattern cannot look ahead: entry [0, 1] is 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DetectionPattern.of(new double[][] {{Double.NaN}}));
    assertThatIllegalArgumentException().isThrownBy(() -> DetectionPattern.of(new double[0][]));
    assertThatIllegalArgumentException().isThrownBy(() -> DetectionPattern.of(HeadType.INDUCTION));
  }

  @Test
  void cachesThatHoldLessAndPromptsOfOtherLengthsAreRefused() {
    TokenBatch tokens = TokenBatch.of(new int[] {5, 6, 7}, new int[] {5, 6});
    HeadDetection detection = HeadDetection.defaults();
    try (CachedRun whole = tiny.runWithCache(tokens, PATTERNS);
        CachedRun last = tiny.runWithCache(tokens, PATTERNS.at(Positions.last()));
        CachedRun none = tiny.runWithCache(tokens, CacheSpec.of(Activation.Z))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> detection.scores(whole.cache(), DetectionPattern.of(new double[3][3])))
          .withMessage("the detection pattern has 3 positions, and prompt 1 has 2 tokens");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> detection.scores(last.cache(), HeadType.INDUCTION))
          .withMessageContaining("narrowed to some positions");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> detection.scores(none.cache(), HeadType.INDUCTION))
          .withMessageContaining("blocks.0.attn.hook_pattern is not in this cache");
    }
  }
}
