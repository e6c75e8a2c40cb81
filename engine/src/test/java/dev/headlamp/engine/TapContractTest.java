package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a tap may rely on: who writes into an offered array, and for how long it can be read. */
class TapContractTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 99, 3, 42}, new int[] {1, 2, 3});

  private static final Gpt2 MODEL = Tiny.FLOAT;

  static List<HookPoint> points() {
    return HookPoint.all(MODEL.config());
  }

  @ParameterizedTest
  @MethodSource("points")
  void readingAPointLeavesTheLogitsAsTheyAre(HookPoint point) {
    Values.assertIdentical(point.name(), logits(Tap.NONE), logits(RecordingTap.only(point)));
  }

  @Test
  void readingEveryPointLeavesTheLogitsAsTheyAre() {
    Values.assertIdentical("all", logits(Tap.NONE), logits(RecordingTap.everything()));
  }

  @Test
  void whatReadingReturnsIsIgnored() {
    Tap liar =
        new Tap() {
          @Override
          public Interest interest(HookPoint point) {
            return Interest.READ;
          }

          @Override
          public INDArray offer(HookPoint point, INDArray value) {
            return value.like();
          }
        };
    Values.assertIdentical("all", logits(Tap.NONE), logits(liar));
  }

  @ParameterizedTest
  @MethodSource("points")
  void anEditInPlaceIsAnEdit(HookPoint point) {
    Values.assertIdentical(
        point.name(),
        logits(EditTap.at(point, value -> value.add(0.25))),
        logits(EditTap.at(point, value -> value.addi(0.25))));
  }

  @Test
  void editsInPlaceNeverReachTheModel() {
    INDArray before = logits(Tap.NONE);
    logits(EditTap.everywhere(MODEL.config(), value -> value.assign(7)));
    Values.assertIdentical("logits of the next run", before, logits(Tap.NONE));
  }

  @Test
  void editsInPlaceNeverReachTheResidualStreamARunStartsFrom() {
    try (RunResult base = MODEL.run(RunSpec.of(TOKENS).stopAt(1))) {
      INDArray before = base.residual().dup();
      Tap zero = EditTap.everywhere(MODEL.config(), value -> value.assign(0));
      MODEL.run(RunSpec.of(TOKENS).startAt(1, base.residual()).withTap(zero)).close();
      Values.assertIdentical("start residual", before, base.residual());
    }
  }

  @Test
  void whatAHookReturnedStaysItsOwn() {
    INDArray replacement = MODEL.run(RunSpec.of(TOKENS).stopAt(0)).residual();
    INDArray before = replacement.dup();
    Tap tap =
        EditTap.at(HookPoint.of(Activation.ATTN_OUT, 0), value -> replacement)
            .and(HookPoint.of(Activation.RESID_POST, 0), value -> replacement)
            .and(HookPoint.of(Activation.RESID_PRE, 1), value -> value.addi(1));
    MODEL.run(RunSpec.of(TOKENS).withTap(tap)).close();
    assertThat(replacement.wasClosed()).isFalse();
    Values.assertIdentical("replacement", before, replacement);
  }

  @Test
  void aKeptArgumentHoldsWhatThePointHeldAfterLaterEdits() {
    assertKeptArgumentsLast(new KeepingTap(points(), true));
  }

  @Test
  void aKeptArgumentHoldsWhatThePointHeldWhereNothingIsEdited() {
    assertKeptArgumentsLast(new KeepingTap(points(), false));
  }

  @ParameterizedTest
  @MethodSource("points")
  void aKeptArgumentOfOnePointHoldsWhatThePointHeld(HookPoint point) {
    assertKeptArgumentsLast(new KeepingTap(List.of(point), false));
  }

  private static void assertKeptArgumentsLast(KeepingTap tap) {
    try (RunResult result = MODEL.run(RunSpec.of(TOKENS).withTap(tap))) {
      result.logits().assign(-1);
    }
    logits(Tap.NONE);
    tap.kept.forEach(
        (point, value) -> {
          assertThat(value.wasClosed()).as(point + " is still readable").isFalse();
          Values.assertIdentical(point.name(), tap.copies.get(point), value);
        });
    assertThat(tap.kept).isNotEmpty();
  }

  /** Keeps the very arrays it is offered, beside copies to compare them with after the run. */
  private static final class KeepingTap implements Tap {
    private final List<HookPoint> wanted;
    private final boolean editsInPlace;
    private final Map<HookPoint, INDArray> kept = new LinkedHashMap<>();
    private final Map<HookPoint, INDArray> copies = new LinkedHashMap<>();

    KeepingTap(List<HookPoint> wanted, boolean editsInPlace) {
      this.wanted = wanted;
      this.editsInPlace = editsInPlace;
    }

    @Override
    public Interest interest(HookPoint point) {
      return wanted.contains(point) ? Interest.EDIT : Interest.NONE;
    }

    @Override
    public INDArray offer(HookPoint point, INDArray value) {
      if (editsInPlace) {
        value.addi(0.125);
      }
      kept.put(point, value);
      copies.put(point, value.dup());
      return value;
    }
  }

  private static INDArray logits(Tap tap) {
    try (RunResult result = MODEL.run(RunSpec.of(TOKENS).withTap(tap))) {
      return result.logits().dup();
    }
  }
}
