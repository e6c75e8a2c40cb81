package dev.headlamp.hooks.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** A metric of metrics is the arithmetic of what each gives alone, whatever logits each reads. */
class MetricArithmeticTest {

  private static final double EXACT = 1e-10;
  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42, 8}, new int[] {9, 9, 1});

  private static HookedGpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static double[] measured(Metric metric) {
    try (RunResult run = model.engine().run(RunSpec.of(TOKENS).withLogits(metric.reads()))) {
      return metric.perPrompt(run.logits(), TOKENS);
    }
  }

  /** Metrics that read some tokens, all tokens, other positions, and everything. */
  private static List<Metric> metrics() {
    return List.of(
        Metrics.logitDifference(new int[] {7, 70}, new int[] {50}),
        Metrics.logit(100, 7),
        Metrics.logProbability(3),
        Metrics.crossEntropy(),
        Metric.of(
            "logit of token 8 at position 1",
            LogitSelection.at(1).tokens(8),
            (logits, tokens) ->
                new double[] {logits.getDouble(0, 0, 0), logits.getDouble(1, 0, 0)}));
  }

  @Test
  void sumsAndDifferencesOfAllPairs() {
    for (Metric a : metrics()) {
      for (Metric b : metrics()) {
        double[] left = measured(a);
        double[] right = measured(b);
        double[] sum = measured(MetricArithmetic.plus(a, b));
        double[] difference = measured(MetricArithmetic.minus(a, b));
        for (int prompt = 0; prompt < 2; prompt++) {
          assertThat(sum[prompt]).isCloseTo(left[prompt] + right[prompt], within(EXACT));
          assertThat(difference[prompt]).isCloseTo(left[prompt] - right[prompt], within(EXACT));
        }
      }
    }
  }

  @Test
  void aDifferenceOfLogitsReadsTwoColumns() {
    Metric difference = MetricArithmetic.minus(Metrics.logit(7), Metrics.logit(50));
    try (RunResult run = model.engine().run(RunSpec.of(TOKENS).withLogits(difference.reads()))) {
      assertThat(run.logits().shape()).containsExactly(2, 1, 2);
    }
    assertThat(measured(difference))
        .containsExactly(
            measured(Metrics.logitDifference(new int[] {7}, new int[] {50})), within(EXACT));
    assertThat(difference.name()).isEqualTo("(logit) − (logit)");
  }

  @Test
  void aMultiple() {
    double[] once = measured(Metrics.logit(7));
    double[] tripled = measured(MetricArithmetic.times(-3, Metrics.logit(7)));
    assertThat(tripled).containsExactly(new double[] {-3 * once[0], -3 * once[1]}, within(EXACT));
  }

  @Test
  void whatIsRestoredGoesFrom0To1AndWhatIsLostFrom0ToMinus1() {
    Metric metric = Metrics.logit(7);
    double value = measured(metric)[0];
    double clean = value + 3;
    double corrupted = value - 1;
    assertThat(measured(MetricArithmetic.restored(metric, clean, corrupted))[0])
        .isCloseTo(0.25, within(EXACT));
    assertThat(measured(MetricArithmetic.lost(metric, clean, corrupted))[0])
        .isCloseTo(-0.75, within(EXACT));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricArithmetic.lost(metric, 2, 2))
        .withMessageContaining("2.0 at both ends");
  }

  @Test
  void anAnswerTheVocabularyHasNotIsRefusedThoughAllLogitsAreRead() {
    Metric metric = MetricArithmetic.minus(Metrics.logit(101), Metrics.probability(7));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> measured(metric))
        .withMessage("there are no logits of token id 101");
  }
}
