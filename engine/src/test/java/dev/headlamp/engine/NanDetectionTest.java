package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.headlamp.engine.TokenBatch.Padding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A run that looks for NaN names the first point that holds one. */
class NanDetectionTest {

  private static final TokenBatch PADDED =
      TokenBatch.padded(List.of(new int[] {5, 17, 99}, new int[] {1}), Padding.LEFT, 0);

  static List<HookPoint> points() {
    return HookPoint.all(Tiny.CONFIG);
  }

  @Test
  void aRunWithoutNanIsNotDisturbed() {
    RunSpec spec = RunSpec.of(PADDED);
    try (RunResult looking = Tiny.FLOAT.run(spec.detectingNan());
        RunResult plain = Tiny.FLOAT.run(spec)) {
      Values.assertIdentical("logits", plain.logits(), looking.logits());
    }
  }

  @ParameterizedTest
  @MethodSource("points")
  void aNanThatAnEditBringsInIsNamedByThatPoint(HookPoint point) {
    assertNanAt(point, EditTap.at(point, NanDetectionTest::withNan));
  }

  @Test
  void aNanInTheGivenResidualStreamIsNamedByThePointThatTakesIt() {
    try (RunResult start = Tiny.FLOAT.run(RunSpec.of(PADDED).stopAt(1))) {
      RunSpec spec = RunSpec.of(PADDED).startAt(1, withNan(start.residual())).detectingNan();
      assertNames(HookPoint.of(Activation.RESID_PRE, 1), spec);
    }
  }

  @Test
  void anInfiniteScoreBesideAMaskedOneIsNoNan() {
    HookPoint scores = HookPoint.of(Activation.ATTN_SCORES, 0);
    Tap infinite =
        EditTap.at(scores, x -> x.putScalar(new int[] {0, 0, 2, 1}, Double.POSITIVE_INFINITY));
    // It is the softmax that makes inf / inf of it.
    assertNanAt(HookPoint.of(Activation.PATTERN, 0), infinite);
  }

  @Test
  void aNanBehindTheLastAttentionIsFoundWhereNoLogitsAreWanted() {
    HookPoint z = HookPoint.of(Activation.Z, Tiny.CONFIG.nLayers() - 1);
    Tap huge =
        EditTap.at(
            z,
            value -> {
              INDArray edited = value.dup();
              edited.slice(0).slice(1).assign(Float.MAX_VALUE);
              return edited;
            });
    RunSpec spec = RunSpec.of(PADDED).withTap(huge).detectingNan();
    String found =
        catchThrowableOfType(NanException.class, () -> Tiny.FLOAT.run(spec)).getMessage();
    assertThatThrownBy(() -> Tiny.FLOAT.run(spec.withLogits(LogitSelection.last())))
        .isInstanceOf(NanException.class)
        .hasMessage(found);
  }

  @Test
  void withoutLookingANanReachesTheLogits() {
    Tap tap = EditTap.at(HookPoint.of(Activation.ATTN_SCORES, 0), NanDetectionTest::withNan);
    try (RunResult result = Tiny.FLOAT.run(RunSpec.of(PADDED).withTap(tap))) {
      assertThat(Values.of(result.logits().slice(0))).contains(Double.NaN);
      assertThat(Values.of(result.logits().slice(1))).doesNotContain(Double.NaN);
    }
  }

  @Test
  void theNextRunIsNotDisturbed() {
    Tap tap = EditTap.at(HookPoint.of(Activation.Z, 0), NanDetectionTest::withNan);
    RunSpec spec = RunSpec.of(PADDED).detectingNan();
    assertThatThrownBy(() -> Tiny.FLOAT.run(spec.withTap(tap))).isInstanceOf(NanException.class);
    assertThatCode(() -> Tiny.FLOAT.run(spec).close()).doesNotThrowAnyException();
  }

  /** Puts a NaN where the first prompt's last position stands in every kind of point. */
  private static INDArray withNan(INDArray value) {
    long[] shape = value.shape();
    long[] at = new long[shape.length];
    at[shape.length == 4 && shape[2] == shape[3] ? 2 : 1] = 2;
    return value.dup().putScalar(at, Double.NaN);
  }

  private static void assertNanAt(HookPoint point, Tap tap) {
    assertNames(point, RunSpec.of(PADDED).withTap(tap).detectingNan());
  }

  private static void assertNames(HookPoint point, RunSpec spec) {
    assertThatThrownBy(() -> Tiny.FLOAT.run(spec))
        .hasMessage("NaN at " + point + ", the first point of this run that holds one")
        .asInstanceOf(type(NanException.class))
        .extracting(NanException::point)
        .isEqualTo(point);
  }
}
