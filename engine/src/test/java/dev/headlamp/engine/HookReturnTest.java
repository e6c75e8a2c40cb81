package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a hook may hand back, and what the run says when it hands back something else. */
class HookReturnTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 99}, new int[] {1, 2});
  private static final HookPoint Z = HookPoint.of(Activation.Z, 1);

  static List<HookPoint> points() {
    return HookPoint.all(Tiny.CONFIG);
  }

  @Test
  void nullIsRefused() {
    assertRefused(
        value -> null,
        "the hook on blocks.1.attn.hook_z returned null; return its argument to change nothing");
  }

  @Test
  void anotherShapeIsRefused() {
    assertRefused(
        value -> value.reshape(2, 3, 32),
        "the hook on blocks.1.attn.hook_z returned FLOAT [2, 3, 32]"
            + " where the point holds FLOAT [2, 3, 4, 8]");
    assertRefused(
        value -> Nd4j.scalar(1f),
        "the hook on blocks.1.attn.hook_z returned FLOAT []"
            + " where the point holds FLOAT [2, 3, 4, 8]");
  }

  @Test
  void anotherTypeIsRefused() {
    assertRefused(
        value -> value.castTo(DataType.DOUBLE),
        "the hook on blocks.1.attn.hook_z returned DOUBLE [2, 3, 4, 8]"
            + " where the point holds FLOAT [2, 3, 4, 8]");
  }

  @Test
  void aClosedArrayIsRefused() {
    assertRefused(
        value -> closed(value.dup()), "the hook on blocks.1.attn.hook_z returned a closed array");
  }

  @ParameterizedTest
  @MethodSource("points")
  void itsArgumentClosedIsRefused(HookPoint point) {
    assertThatThrownBy(() -> run(EditTap.at(point, HookReturnTest::closed)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the hook on " + point + " returned a closed array");
  }

  @ParameterizedTest
  @MethodSource("points")
  void aReaderThatClosesWhatItWasLentIsNamed(HookPoint point) {
    Tap closing =
        new Tap() {
          @Override
          public Interest interest(HookPoint asked) {
            return asked.equals(point) ? Interest.READ : Interest.NONE;
          }

          @Override
          public INDArray offer(HookPoint offered, INDArray value) {
            return closed(value);
          }
        };
    assertThatThrownBy(() -> run(closing))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the hook on " + point + " closed the array it was lent");
  }

  @Test
  void anyMemoryOrderAndAnyViewIsTaken() {
    INDArray expected = run(EditTap.at(Z, value -> value.mul(2)));
    Values.assertIdentical(
        "Fortran order", expected, run(EditTap.at(Z, value -> value.mul(2).dup('f'))));
    Values.assertIdentical(
        "view",
        expected,
        run(EditTap.at(Z, value -> value.mul(2).permute(3, 2, 1, 0).dup('c').permute(3, 2, 1, 0))));
  }

  @Test
  void theExceptionOfAHookComesThrough() {
    IllegalStateException own = new IllegalStateException("mine");
    assertThatThrownBy(
            () ->
                run(
                    EditTap.at(
                        Z,
                        value -> {
                          throw own;
                        })))
        .isSameAs(own);
  }

  @Test
  void aFailedRunLeavesTheModelAsItWas() {
    INDArray before = run(Tap.NONE);
    assertThatThrownBy(() -> run(EditTap.at(Z, HookReturnTest::closed))).isNotNull();
    Values.assertIdentical("logits", before, run(Tap.NONE));
    assertThat(before.wasClosed()).isFalse();
  }

  private static INDArray closed(INDArray array) {
    array.close();
    return array;
  }

  private static INDArray run(Tap tap) {
    return Tiny.FLOAT.run(RunSpec.of(TOKENS).withTap(tap)).logits();
  }

  private static void assertRefused(UnaryOperator<INDArray> edit, String message) {
    assertThatThrownBy(() -> run(EditTap.at(Z, edit)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
