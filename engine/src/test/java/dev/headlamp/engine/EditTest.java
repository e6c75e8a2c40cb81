package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What follows from an edit at a point: what the formulas say, and nothing else. */
class EditTest {

  private static final double TOLERANCE = 1e-12;
  private static final int[] PROMPT = {5, 17, 99, 3, 42, 0};

  private static final Gpt2 MODEL = Tiny.DOUBLE;

  static List<HookPoint> points() {
    return HookPoint.all(MODEL.config());
  }

  @Test
  void withoutEditsTheLogitsAreThoseOfThePlainFormulas() {
    double[] expected = PlainGpt2.logits(MODEL, PROMPT, (point, value) -> value);
    assertClose("no edit", expected, logits(Tap.NONE));
  }

  @ParameterizedTest
  @MethodSource("points")
  void anEditTakesEffectAsTheFormulasSay(HookPoint edited) {
    double[] plain = PlainGpt2.logits(MODEL, PROMPT, (point, value) -> value);
    double[] expected =
        PlainGpt2.logits(
            MODEL, PROMPT, (point, value) -> point.equals(edited) ? shaken(value) : value);
    assertThat(expected).as(edited + " matters").isNotEqualTo(plain);
    assertClose(edited.name(), expected, logits(EditTap.at(edited, EditTest::shaken)));
  }

  @ParameterizedTest
  @EnumSource(names = {"ATTN_IN", "Q_INPUT", "K_INPUT", "V_INPUT", "MLP_IN", "RESULT"})
  void anEditTooSmallForMostTolerancesTakesEffect(Activation activation) {
    HookPoint point = HookPoint.of(activation, 1);
    double[] nudged = logits(EditTap.at(point, value -> value.mul(1 + 1e-9)));
    assertThat(nudged).isNotEqualTo(logits(EditTap.at(point, value -> value)));
  }

  @Test
  void oneEditOfTheAttentionInputIsTheSameEditOfItsThreeReaders() {
    Tap shared = EditTap.at(HookPoint.of(Activation.ATTN_IN, 1), EditTest::shaken);
    Tap split =
        EditTap.at(HookPoint.of(Activation.Q_INPUT, 1), EditTest::shaken)
            .and(HookPoint.of(Activation.K_INPUT, 1), EditTest::shaken)
            .and(HookPoint.of(Activation.V_INPUT, 1), EditTest::shaken);
    assertThat(logits(split)).isEqualTo(logits(shared));
  }

  @ParameterizedTest
  @CsvSource({"Q_INPUT, Q", "K_INPUT, K", "V_INPUT, V"})
  void anEditOfOneHeadsInputReachesOnlyThatHeadsReader(Activation input, Activation reader) {
    int edited = 2;
    RecordingTap before = recorded(Tap.NONE);
    RecordingTap after =
        recorded(EditTap.at(HookPoint.of(input, 1), value -> shakenHead(value, edited)));
    for (Activation kind : List.of(Activation.Q, Activation.K, Activation.V)) {
      for (int head = 0; head < MODEL.config().nHeads(); head++) {
        double[] expected = head(before, kind, head);
        if (kind == reader && head == edited) {
          assertThat(head(after, kind, head)).isNotEqualTo(expected);
        } else {
          assertThat(head(after, kind, head)).as(kind + " of head " + head).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void anEditOfTheMlpInputLeavesTheResidualStreamAlone() {
    RecordingTap before = recorded(Tap.NONE);
    RecordingTap after = recorded(EditTap.at(HookPoint.of(Activation.MLP_IN, 0), EditTest::shaken));
    INDArray residMid = after.get(HookPoint.of(Activation.RESID_MID, 0));
    INDArray mlpOut = after.get(HookPoint.of(Activation.MLP_OUT, 0));
    Values.assertIdentical(
        "resid_mid", before.get(HookPoint.of(Activation.RESID_MID, 0)), residMid);
    assertClose(
        "resid_post",
        Values.of(residMid.add(mlpOut)),
        Values.of(after.get(HookPoint.of(Activation.RESID_POST, 0))));
    assertThat(Values.of(mlpOut))
        .isNotEqualTo(Values.of(before.get(HookPoint.of(Activation.MLP_OUT, 0))));
  }

  @Test
  void headsWithoutAnOutputLeaveTheOutputBias() {
    Tap zeroZ = EditTap.at(HookPoint.of(Activation.Z, 1), INDArray::like);
    Tap zeroResult = EditTap.at(HookPoint.of(Activation.RESULT, 1), INDArray::like);
    Tap bias =
        EditTap.at(
            HookPoint.of(Activation.ATTN_OUT, 1),
            value -> value.like().addi(MODEL.weights().blocks().get(1).bO()));
    assertThat(logits(zeroZ)).isEqualTo(logits(bias));
    assertThat(logits(zeroResult)).isEqualTo(logits(bias));
  }

  @Test
  void aRowOfScoresThatIsMaskedThroughoutAttendsToNothing() {
    Tap masked =
        EditTap.at(
            HookPoint.of(Activation.ATTN_SCORES, 0),
            value -> Nd4j.valueArrayOf(value.shape(), Double.NEGATIVE_INFINITY, value.dataType()));
    RecordingTap recorded = recorded(masked);
    assertThat(Values.of(recorded.get(HookPoint.of(Activation.PATTERN, 0)))).containsOnly(0);
    assertThat(Values.of(recorded.get(HookPoint.of(Activation.UNEMBED_OUT))))
        .doesNotContain(Double.NaN);
  }

  private static double[] logits(Tap tap) {
    try (RunResult result = MODEL.run(RunSpec.of(TokenBatch.of(PROMPT)).withTap(tap))) {
      return Values.of(result.logits());
    }
  }

  private static RecordingTap recorded(Tap edits) {
    RecordingTap recorded = RecordingTap.behind(edits);
    MODEL.run(RunSpec.of(TokenBatch.of(PROMPT)).withTap(recorded)).close();
    return recorded;
  }

  private static double[] head(RecordingTap recorded, Activation kind, int head) {
    return Values.of(recorded.get(HookPoint.of(kind, 1)).tensorAlongDimension(head, 0, 1, 3));
  }

  private static INDArray shakenHead(INDArray value, int head) {
    UnaryOperator<INDArray> ofHead =
        x ->
            x.get(
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.point(head),
                NDArrayIndex.all());
    INDArray changed = value.dup();
    ofHead.apply(changed).assign(shaken(ofHead.apply(value)));
    return changed;
  }

  private static INDArray shaken(INDArray value) {
    return Nd4j.createFromArray(shaken(Values.of(value))).reshape(value.shape());
  }

  private static double[] shaken(double[] value) {
    double[] shaken = value.clone();
    for (int i = 0; i < shaken.length; i++) {
      shaken[i] += 0.2 * Math.sin(1 + 3 * i);
    }
    return shaken;
  }

  private static void assertClose(String what, double[] expected, double[] actual) {
    assertThat(actual).as(what).containsExactly(expected, within(TOLERANCE));
  }
}
