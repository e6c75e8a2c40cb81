package dev.headlamp.engine.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Differences;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a tape records, and what it refuses. */
class GradientTapeTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 60, 3, 42}, new int[] {66, 2, 71});

  private static final HookPoint Z1 = HookPoint.of(Activation.Z, 1);

  private static Gpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = Gpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  static Stream<HookPoint> pointsOfTheLastLayerAndBehind() {
    return HookPoint.all(model.config()).stream()
        .filter(point -> !point.activation().perLayer() || point.layer() == 1);
  }

  @ParameterizedTest
  @MethodSource("pointsOfTheLastLayerAndBehind")
  void atAReplacedValueTheGradientIsTheSlopeThere(HookPoint point) {
    Random random = new Random(4);
    LogitSelection selection = LogitSelection.last().tokens(3, 44);
    LinearMetric metric = LinearMetric.of(model, TOKENS, selection, random);
    INDArray held;
    try (GradientTape tape =
        GradientTape.record(model, TOKENS, selection, Set.of(point), Set.of(point))) {
      held = tape.value(point).dup('c');
    }
    INDArray moved = held.add(LinearMetric.random(model, random, held.shape()).muli(0.1));
    try (GradientTape tape = GradientTape.recordReplacing(model, TOKENS, selection, point, moved)) {
      INDArray gradient = tape.gradients(metric.weights()).get(point);
      INDArray direction = LinearMetric.random(model, random, held.shape());
      double slope = metric.slope(model, TOKENS, point, moved, direction);
      double norm = Math.max(1e-3, gradient.norm2Number().doubleValue());
      assertThat(gradient.mul(direction).sumNumber().doubleValue())
          .isCloseTo(slope, within(1e-6 * norm));
      assertThat(metric.of(tape.logits()))
          .isEqualTo(metric.ofRunWith(model, TOKENS, point, value -> moved), within(1e-12));
    }
  }

  @Test
  void gradientsDoNotDependOnWhichOthersAreAskedForNorOnHowLogitsAreSelected() {
    INDArray narrowGradient = Nd4j.createFromArray(new double[][][] {{{2, -1}}, {{0.5, 3}}});
    INDArray wholeGradient =
        Nd4j.zeros(DataType.DOUBLE, TOKENS.batch(), TOKENS.length(), model.config().dVocab());
    int[] columns = {3, 44};
    for (int prompt = 0; prompt < TOKENS.batch(); prompt++) {
      for (int i = 0; i < columns.length; i++) {
        wholeGradient.putScalar(
            prompt, TOKENS.lastPos(prompt), columns[i], narrowGradient.getDouble(prompt, 0, i));
      }
    }
    Set<HookPoint> all = Set.copyOf(HookPoint.all(model.config()));
    try (GradientTape whole = GradientTape.record(model, TOKENS, LogitSelection.all(), all)) {
      Map<HookPoint, INDArray> expected = whole.gradients(wholeGradient);
      Differences differences = new Differences("gradients, each alone against all");
      for (HookPoint point : all) {
        LogitSelection selection = LogitSelection.last().tokens(columns);
        try (GradientTape narrow = GradientTape.record(model, TOKENS, selection, Set.of(point))) {
          Map<HookPoint, INDArray> gradients = narrow.gradients(narrowGradient);
          assertThat(gradients).containsOnlyKeys(point);
          differences.add(point.name(), expected.get(point), gradients.get(point));
        }
      }
      differences.assertAtMost(1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "ioi-demo", "gpt-neo"})
  void float32IsCloseToFloat64AtEveryPoint(String fixture) throws IOException {
    try (Gpt2 inFloat = Gpt2.load(Fixtures.model(fixture));
        Gpt2 inDouble = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE)) {
      Set<HookPoint> all = Set.copyOf(HookPoint.all(inFloat.config()));
      LogitSelection selection = LogitSelection.last().tokens(3, 44);
      INDArray logitGradient = Nd4j.createFromArray(new double[][][] {{{1, -1}}, {{1, -1}}});
      try (GradientTape floats = GradientTape.record(inFloat, TOKENS, selection, all);
          GradientTape doubles = GradientTape.record(inDouble, TOKENS, selection, all)) {
        Map<HookPoint, INDArray> expected = doubles.gradients(logitGradient);
        Map<HookPoint, INDArray> actual = floats.gradients(logitGradient);
        Differences differences = new Differences(fixture + " gradients, float32 against float64");
        for (HookPoint point : all) {
          assertThat(actual.get(point).dataType()).isEqualTo(DataType.FLOAT);
          differences.add(point.name(), expected.get(point), actual.get(point));
        }
        differences.assertAtMost(1e-4);
      }
    }
  }

  @Test
  void gradientsComeInTheOrderOfTheRun() {
    List<HookPoint> all = HookPoint.all(model.config());
    try (GradientTape tape =
        GradientTape.record(model, TOKENS, LogitSelection.last(), Set.copyOf(all))) {
      assertThat(tape.gradients(Nd4j.zerosLike(tape.logits())).keySet())
          .containsExactlyElementsOf(all);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    LogitSelection last = LogitSelection.last();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GradientTape.record(model, TOKENS, last, Set.of()))
        .withMessageContaining("at least one point");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> GradientTape.record(model, TOKENS, last, Set.of(HookPoint.of(Activation.Z, 2))))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GradientTape.recordReplacing(
                    model, TOKENS, last, Z1, Nd4j.zeros(DataType.DOUBLE, 2, 5, 4, 7)))
        .withMessage(
            "blocks.1.attn.hook_z holds DOUBLE [2, 5, 4, 8]: it cannot be replaced by"
                + " DOUBLE [2, 5, 4, 7]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GradientTape.recordReplacing(
                    model, TOKENS, last, Z1, Nd4j.zeros(DataType.FLOAT, 2, 5, 4, 8)))
        .withMessageContaining("cannot be replaced by FLOAT");
    try (GradientTape tape = GradientTape.record(model, TOKENS, last, Set.of(Z1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tape.gradients(Nd4j.zeros(DataType.DOUBLE, 2, 5, 101)))
          .withMessage(
              "the gradient at the logits must have their shape [2, 1, 101], not [2, 5, 101]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tape.value(HookPoint.of(Activation.MLP_OUT, 0)))
          .withMessageContaining("blocks.0.hook_mlp_out was not recorded");
    }
  }

  @Test
  void aClosedTapeAnswersNothing() {
    GradientTape tape =
        GradientTape.record(model, TOKENS, LogitSelection.last(), Set.of(Z1), Set.of(Z1));
    INDArray gradient = Nd4j.zerosLike(tape.logits());
    tape.close();
    tape.close();
    assertThatIllegalStateException().isThrownBy(tape::logits).withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(() -> tape.value(Z1));
    assertThatIllegalStateException().isThrownBy(() -> tape.gradients(gradient));
  }
}
