package dev.headlamp.experiments.mlps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenLoss;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class MlpAblationTest {

  private static final double TOLERANCE = 1e-4;

  private static HookedGpt2 model;
  private static IoiDataset prompts;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
    prompts = IoiDataset.draw(IoiVocabulary.of(IoiWords.published(), model.tokenizer()), 6, 1);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static double logitDifference(HookRegistry hooks) {
    TokenBatch tokens = prompts.tokens();
    try (INDArray logits = model.run(tokens, hooks)) {
      double sum = 0;
      for (int i = 0; i < prompts.size(); i++) {
        sum +=
            logits.getDouble(i, tokens.lastPos(i), prompts.answers()[i])
                - logits.getDouble(i, tokens.lastPos(i), prompts.wrong()[i]);
      }
      return sum / prompts.size();
    }
  }

  @Test
  void theTargetsAreEachMlpAllAndAllButTheFirst() {
    assertThat(MlpAblation.targets(model.config()))
        .extracting(AblationTarget::label)
        .containsExactly("mlp 0", "mlp 1", "mlp 2", "mlp 3", "all", "all but mlp 0");
  }

  @Test
  void theLogitDifferencesAreThoseOfRunsWithHooks() {
    try (Behaviour ioi = IoiBehaviour.of(model, prompts, 2);
        HookRegistry first = model.newHooks();
        HookRegistry others = model.newHooks()) {
      LabelledArray measured =
          MlpAblation.measure(ioi, Ablations.zero(), SweepMonitor.NONE)
              .slice("quantity", "logit difference");
      first.add("mlp_out0", Interventions.zero());
      List.of("mlp_out1", "mlp_out2", "mlp_out3")
          .forEach(point -> others.add(point, Interventions.zero()));

      assertThat(measured.value(0)).isCloseTo(logitDifference(model.newHooks()), within(TOLERANCE));
      assertThat(measured.value(1)).isCloseTo(logitDifference(first), within(TOLERANCE));
      assertThat(measured.slice("ablated", MlpAblation.ALL_BUT_FIRST).values()[0])
          .isCloseTo(logitDifference(others), within(TOLERANCE));
    }
  }

  @Test
  void theMeanIsOverPromptsOfTheSameTemplate() {
    // One template, one mean: that of plain mean ablation over the flipped prompts.
    IoiDataset many = IoiDataset.draw(prompts.vocabulary(), 60, 1);
    int template = many.groups()[0];
    IoiDataset alike =
        many.select(
            IntStream.range(0, many.size()).filter(i -> many.groups()[i] == template).toArray());
    assertThat(alike.size()).isGreaterThan(1);
    IoiDataset others = alike.flipped(IoiFlip.ABC, 2);
    try (Behaviour ioi = IoiBehaviour.of(model, alike, 2);
        CachedRun reference =
            model.runWithCache(others.tokens(), CacheSpec.of(Activation.MLP_OUT));
        HookRegistry hooks = model.newHooks()) {
      hooks.add("mlp_out1", Interventions.meanOverPrompts(reference.cache()));
      TokenBatch tokens = alike.tokens();
      double expected;
      try (INDArray logits = model.run(tokens, hooks)) {
        double sum = 0;
        for (int i = 0; i < alike.size(); i++) {
          sum +=
              logits.getDouble(i, tokens.lastPos(i), alike.answers()[i])
                  - logits.getDouble(i, tokens.lastPos(i), alike.wrong()[i]);
        }
        expected = sum / alike.size();
      }
      assertThat(MlpAblation.measure(ioi, ioi.mean(), SweepMonitor.NONE).value(2, 0))
          .isCloseTo(expected, within(TOLERANCE));
    }
  }

  @Test
  void theLossOfATextIsThatOfItsWindows() {
    int[] text = new int[100];
    Arrays.setAll(text, i -> (i * 37) % 1036);
    TokenBatch first = TokenBatch.of(Arrays.copyOfRange(text, 0, 64));
    TokenBatch second = TokenBatch.of(Arrays.copyOfRange(text, 64, 100));
    try (Behaviour behaviour = TextBehaviour.of(model, text, null);
        INDArray ofFirst = model.run(first);
        INDArray ofSecond = model.run(second)) {
      double expected =
          (Arrays.stream(TokenLoss.perToken(ofFirst, first)[0]).sum()
                  + Arrays.stream(TokenLoss.perToken(ofSecond, second)[0]).sum())
              / (63 + 35);

      assertThat(behaviour.measure(model.newHooks())[0]).isCloseTo(expected, within(TOLERANCE));
    }
  }

  @Test
  void aTextWithNothingToPredictIsRefused() {
    assertThatThrownBy(() -> TextBehaviour.of(model, new int[] {5}, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a text of 1 tokens has none to be predicted");
  }

  @Test
  void whatIsCancelledIsAbsent() {
    SweepMonitor cancelled =
        new SweepMonitor() {
          @Override
          public void onProgress(long done, long total) {}

          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    try (Behaviour ioi = IoiBehaviour.of(model, prompts, 2)) {
      assertThat(MlpAblation.measure(ioi, Ablations.zero(), cancelled).values())
          .containsOnly(Double.NaN);
    }
  }
}
