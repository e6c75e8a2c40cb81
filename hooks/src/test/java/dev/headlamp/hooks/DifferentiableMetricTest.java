package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.engine.TokenLoss;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Derivatives of metrics by logits against differences of the metrics. */
class DifferentiableMetricTest {

  private static final TokenBatch TOKENS =
      TokenBatch.padded(
          List.of(new int[] {5, 17, 60, 3, 42}, new int[] {66, 2}, new int[] {9, 7, 9, 7}),
          Padding.LEFT,
          0);

  private static HookedGpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  static List<DifferentiableMetric> metrics() {
    return List.of(
        Metrics.logitDifference(new int[] {7, 8, 9}, new int[] {9}),
        Metrics.logitDifference(new int[] {7}, new int[] {7}),
        Metrics.logit(7, 8, 7),
        Metrics.logProbability(7, 8, 9),
        Metrics.probability(41),
        Metrics.crossEntropy(),
        Metrics.normalised(Metrics.logProbability(7), -3, 1));
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void theGradientIsTheSlopeOfEachPromptsMetric(DifferentiableMetric metric) {
    Random random = new Random(7);
    try (RunResult run = model.engine().run(RunSpec.of(TOKENS).withLogits(metric.reads()))) {
      INDArray logits = run.logits();
      INDArray gradient = metric.gradient(logits, TOKENS);
      assertThat(gradient.shape()).isEqualTo(logits.shape());
      INDArray step = Nd4j.create(DataType.DOUBLE, logits.shape());
      for (long i = 0; i < step.length(); i++) {
        step.putScalar(i, 1e-5 * random.nextGaussian());
      }
      double[] after = metric.perPrompt(logits.add(step), TOKENS);
      double[] before = metric.perPrompt(logits.sub(step), TOKENS);
      double[] predicted = References.values(gradient.mul(step).sum(1, 2));
      for (int prompt = 0; prompt < predicted.length; prompt++) {
        assertThat(predicted[prompt] / 1e-5)
            .as(metric.name())
            .isCloseTo((after[prompt] - before[prompt]) / 2e-5, within(1e-8));
      }
    }
  }

  @Test
  void aGradientHasTheTypeOfTheLogits() {
    INDArray logits = Nd4j.rand(DataType.FLOAT, 3, 1, 101);
    INDArray gradient = Metrics.probability(5).gradient(logits, TOKENS);
    assertThat(gradient.dataType()).isEqualTo(DataType.FLOAT);
    assertThat(gradient.sumNumber().doubleValue()).isCloseTo(0, within(1e-6));
    assertThat(gradient.amaxNumber().doubleValue()).isGreaterThan(1e-3);
  }

  @Test
  void crossEntropyIsTheMeanLossOfThePromptsTokens() {
    try (RunResult run = model.engine().run(RunSpec.of(TOKENS))) {
      double[][] losses = TokenLoss.perToken(run.logits(), TOKENS);
      double[] means = Metrics.crossEntropy().perPrompt(run.logits(), TOKENS);
      assertThat(means[0])
          .isEqualTo(
              (losses[0][0] + losses[0][1] + losses[0][2] + losses[0][3]) / 4, within(1e-12));
      assertThat(means[1]).isEqualTo(losses[1][0]);
    }
  }

  @Test
  void crossEntropyOfASingleTokenIsRefused() {
    TokenBatch tokens = TokenBatch.of(new int[] {1, 2}, new int[] {3});
    INDArray logits = Nd4j.zeros(DataType.DOUBLE, 2, 2, 101);
    String message = "cross-entropy needs a next token: prompt 1 has one token only";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metrics.crossEntropy().perPrompt(logits, tokens))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metrics.crossEntropy().gradient(logits, tokens))
        .withMessage(message);
  }

  @Test
  void answersThatDoNotFitAreRefused() {
    INDArray logits = Nd4j.zeros(DataType.DOUBLE, 3, 1, 101);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metrics.logProbability(5, 6).gradient(logits, TOKENS))
        .withMessage("answers are given for 2 prompts, the batch has 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metrics.logProbability(101).gradient(logits, TOKENS))
        .withMessageContaining("token id 101 is out of range");
  }

  @Test
  void aMetricOfOnesOwnHasTheGradientItIsGiven() {
    Metric values =
        Metric.of("twice the logit", LogitSelection.last().tokens(4), (logits, tokens) -> null);
    INDArray two = Nd4j.valueArrayOf(new long[] {3, 1, 1}, 2.0);
    DifferentiableMetric metric = DifferentiableMetric.of(values, (logits, tokens) -> two);
    assertThat(metric.name()).isEqualTo("twice the logit");
    assertThat(metric.reads().tokenIds()).containsExactly(4);
    assertThat(metric.gradient(two, TOKENS)).isSameAs(two);
  }
}
