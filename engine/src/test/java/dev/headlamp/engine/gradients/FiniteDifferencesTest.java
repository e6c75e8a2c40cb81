package dev.headlamp.engine.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradient at every point of every layer against differences of forward runs in float64: moved
 * in a random direction, the metric changes as fast as the gradient says.
 */
class FiniteDifferencesTest {

  /** Of the gradient's norm, and of 1e-3 where that is more. */
  private static final double TOLERANCE = 1e-6;

  private static final List<int[]> PROMPTS =
      List.of(
          new int[] {5, 17, 60, 3, 42, 0, 8, 33, 9},
          new int[] {66, 2, 2, 51, 13, 40, 25, 7, 55, 31, 4, 19},
          new int[] {11, 29});

  private static final LogitSelection SOME = LogitSelection.last().tokens(7, 3, 60, 7);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny",
        "odd-shapes-untied",
        "stanford-style",
        "unscaled-attention",
        "activation-gelu",
        "activation-relu",
        "activation-silu",
        "gpt-neo"
      })
  void theGradientIsTheSlopeInEveryArchitecture(String fixture) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE)) {
      check(fixture, model, TokenBatch.padded(PROMPTS, Padding.RIGHT, 0), SOME);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theGradientIsTheSlopeWhereverPromptsArePadded(Padding side) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"), DataType.DOUBLE)) {
      TokenBatch tokens = TokenBatch.padded(PROMPTS, side, 0);
      check("padded " + side, model, tokens, LogitSelection.all());
      check("padded " + side, model, tokens, LogitSelection.perPrompt(new int[][] {{9}, {5}, {0}}));
    }
  }

  @Test
  void theGradientIsTheSlopeWithProcessedWeights() throws IOException {
    try (Gpt2 model =
        Gpt2.load(Fixtures.model("tiny"), DataType.DOUBLE, WeightProcessing.transformerLens())) {
      check("processed", model, TokenBatch.of(PROMPTS.get(0)), LogitSelection.at(3, 8));
    }
  }

  @Test
  void theGradientIsTheSlopeOfASingleToken() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"), DataType.DOUBLE)) {
      check("one token", model, TokenBatch.of(new int[] {5}), SOME);
    }
  }

  private static void check(String what, Gpt2 model, TokenBatch tokens, LogitSelection selection) {
    Random random = new Random(what.hashCode());
    LinearMetric metric = LinearMetric.of(model, tokens, selection, random);
    List<HookPoint> points = HookPoint.all(model.config());
    Set<HookPoint> all = Set.copyOf(points);
    double worst = 0;
    try (GradientTape tape = GradientTape.record(model, tokens, selection, all, all)) {
      Map<HookPoint, INDArray> gradients = tape.gradients(metric.weights());
      assertThat(gradients).hasSameSizeAs(points);
      for (HookPoint point : points) {
        INDArray gradient = gradients.get(point);
        INDArray value = tape.value(point);
        assertThat(gradient.shape()).as(what + " " + point).isEqualTo(value.shape());
        INDArray direction = LinearMetric.random(model, random, value.shape());
        double predicted = gradient.mul(direction).sumNumber().doubleValue();
        double measured = metric.slope(model, tokens, point, value, direction);
        double norm = Math.max(1e-3, gradient.norm2Number().doubleValue());
        assertThat(predicted).as(what + " " + point).isCloseTo(measured, within(TOLERANCE * norm));
        worst = Math.max(worst, Math.abs(predicted - measured) / norm);
      }
    }
    System.out.printf(
        "gradients against finite differences, %s: %d points, largest difference %.2e%n",
        what, points.size(), worst);
  }
}
