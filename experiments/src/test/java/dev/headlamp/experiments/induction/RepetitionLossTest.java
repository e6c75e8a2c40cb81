package dev.headlamp.experiments.induction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenLoss;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.heads.RepeatedTokens;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class RepetitionLossTest {

  private static final double TOLERANCE = 1e-5;

  private static double mean(double[] values, int from, int to) {
    return Arrays.stream(values, from, to).average().orElseThrow();
  }

  @Test
  void theLossesAreThoseOfEveryLogitOfAWholeRun() throws IOException {
    RepeatedTokens tokens = RepeatedTokens.of(5, 2, 3);
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"));
        HookRegistry hooks = model.newHooks();
        RepetitionLoss loss = RepetitionLoss.of(model, tokens, Ablations.zero())) {
      hooks.add("z1", Part.everything().heads(3), Interventions.zero());
      double first = 0;
      double second = 0;
      for (TokenBatch sequence : tokens.draw(model.config())) {
        try (INDArray logits = model.run(sequence, hooks)) {
          // Entry i is the loss of token i + 1 of 10; 0 to 3 are of the first half, 4 of the seam.
          double[] losses = TokenLoss.perToken(logits, sequence)[0];
          first += mean(losses, 0, 4) / 2;
          second += mean(losses, 5, 9) / 2;
        }
      }

      RepetitionLoss.Losses without = loss.without(List.of(AblationTarget.head(1, 3)));
      assertThat(without.first()).isCloseTo(first, within(TOLERANCE));
      assertThat(without.second()).isCloseTo(second, within(TOLERANCE));
      assertThat(loss.without(List.of())).isNotEqualTo(without);
    }
  }

  @Test
  void aTokenInFrontIsNotCounted() throws IOException {
    RepeatedTokens tokens = RepeatedTokens.of(4, 1, 3).withBos(7);
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("tiny"))) {
      TokenBatch sequence = tokens.draw(model.config()).get(0);
      try (INDArray logits = model.run(sequence);
          RepetitionLoss loss = RepetitionLoss.of(model, tokens, Ablations.zero())) {
        double[] losses = TokenLoss.perToken(logits, sequence)[0];
        RepetitionLoss.Losses intact = loss.without(List.of());

        assertThat(intact.first()).isCloseTo(mean(losses, 1, 4), within(TOLERANCE));
        assertThat(intact.second()).isCloseTo(mean(losses, 5, 8), within(TOLERANCE));
      }
    }
  }

  @Test
  void theMeanOfAHeadIsOverAllPositionsOfAllSequences() throws IOException {
    RepeatedTokens tokens = RepeatedTokens.of(5, 2, 3);
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"));
        CachedRun run =
            model.runWithCache(
                TokenBatch.concat(tokens.draw(model.config())), CacheSpec.of(Activation.Z));
        RepetitionLoss ours = RepetitionLoss.ofHeadMeans(model, tokens);
        RepetitionLoss plain =
            RepetitionLoss.of(
                model, tokens, Interventions.meanOverPromptsAndPositions(run.cache()))) {
      List<AblationTarget> heads = List.of(AblationTarget.head(0, 2), AblationTarget.head(1, 3));

      assertThat(ours.without(heads).second())
          .isCloseTo(plain.without(heads).second(), within(TOLERANCE));
    }
  }

  @Test
  void tokensThatDoNotFitAreRefused() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      assertThatThrownBy(
              () -> RepetitionLoss.of(model, RepeatedTokens.of(33, 1, 1), Ablations.zero()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("33 tokens said twice do not fit: ioi-demo has 64 positions");
    }
  }
}
