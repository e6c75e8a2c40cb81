package dev.headlamp.hooks.report;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LabelledArrayTest {

  private static final Axis LAYER = Axis.numbered("layer", 2);
  private static final Axis HEAD = Axis.of("head", "a", "b", "c");
  private static final Axis POSITION = Axis.of("position", "x", "y");

  /** Every value spells its own index: 121 is at layer 1, head 2, position 1. */
  private static LabelledArray cube() {
    double[] values = {0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121};
    return LabelledArray.of("cube", "", List.of(LAYER, HEAD, POSITION), values);
  }

  private static LabelledArray grid(double... values) {
    return LabelledArray.of("grid", "logits", List.of(LAYER, HEAD), values);
  }

  @Test
  void valuesLieInCOrder() {
    LabelledArray cube = cube();

    assertThat(cube.shape()).containsExactly(2, 3, 2);
    assertThat(cube.value(0, 2, 1)).isEqualTo(21);
    assertThat(cube.value(1, 0, 1)).isEqualTo(101);
    assertThat(cube.value(1, 2, 1)).isEqualTo(121);
  }

  @Test
  void aSliceKeepsTheOtherAxesWhicheverIsTaken() {
    assertThat(cube().slice("layer", 1).values()).containsExactly(100, 101, 110, 111, 120, 121);
    assertThat(cube().slice("head", "b").values()).containsExactly(10, 11, 110, 111);
    assertThat(cube().slice("position", "y").values()).containsExactly(1, 11, 21, 101, 111, 121);
    assertThat(cube().slice("head", "b").axes()).containsExactly(LAYER, POSITION);
  }

  @Test
  void slicingEveryAxisLeavesOneNumber() {
    LabelledArray number = cube().slice("layer", 1).slice("position", 0).slice("head", 2);

    assertThat(number.axes()).isEmpty();
    assertThat(number.value()).isEqualTo(120);
  }

  @Test
  void anNd4jArrayIsReadInItsLogicalOrder() {
    INDArray source = Nd4j.create(new double[][] {{1, 4}, {2, 5}, {3, 6}});
    INDArray view = source.castTo(DataType.FLOAT).transpose();

    assertThat(LabelledArray.of("grid", "", List.of(LAYER, HEAD), view).values())
        .containsExactly(1, 2, 3, 4, 5, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelledArray.of("grid", "", List.of(LAYER, HEAD), source))
        .withMessageContaining("shape [3, 2], but its axes have lengths [2, 3]");
  }

  @Test
  void extremesPassOverAbsentValues() {
    LabelledArray grid = grid(ABSENT, -3, 2, 0.5, ABSENT, 1);

    assertThat(grid.min()).hasValue(-3);
    assertThat(grid.max()).hasValue(2);
    assertThat(grid.isAbsent(0, 0)).isTrue();
    assertThat(grid.isAbsent(0, 1)).isFalse();
  }

  @Test
  void aResultOfWhichNothingWasComputedHasNoExtremes() {
    LabelledArray grid = grid(ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT);

    assertThat(grid.min()).isEmpty();
    assertThat(grid.max()).isEmpty();
    assertThat(grid.top(3)).isEmpty();
  }

  @Test
  void theTopValuesAreThoseFarthestFromZero() {
    LabelledArray grid = grid(0.1, -3, 2, ABSENT, 0, -2);

    assertThat(grid.top(3))
        .containsExactly(
            new LabelledArray.Cell(List.of("0", "b"), -3),
            new LabelledArray.Cell(List.of("0", "c"), 2),
            new LabelledArray.Cell(List.of("1", "c"), -2));
    assertThat(grid.top(100)).hasSize(5);
  }

  @Test
  void neitherTheArrayGivenNorTheOneReturnedIsShared() {
    double[] given = {1, 2, 3, 4, 5, 6};
    LabelledArray grid = grid(given);

    given[0] = 99;
    grid.values()[1] = 99;

    assertThat(grid.values()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void equalNumbersUnderEqualNamesAreEqual() {
    assertThat(grid(1, 2, 3, 4, 5, ABSENT)).isEqualTo(grid(1, 2, 3, 4, 5, ABSENT));
    assertThat(grid(1, 2, 3, 4, 5, ABSENT)).hasSameHashCodeAs(grid(1, 2, 3, 4, 5, ABSENT));
    assertThat(grid(1, 2, 3, 4, 5, 6)).isNotEqualTo(grid(1, 2, 3, 4, 5, 7));
    assertThat(grid(1, 2, 3, 4, 5, 6).named("other")).isNotEqualTo(grid(1, 2, 3, 4, 5, 6));
  }

  @Test
  void tooFewValuesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grid(1, 2, 3))
        .withMessage("'grid' has 3 values, but its shape [2, 3] holds 6");
  }

  @Test
  void twoAxesOfOneNameAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelledArray.of("grid", "", List.of(LAYER, LAYER), 1, 2, 3, 4))
        .withMessageContaining("two axes named 'layer'");
  }

  @Test
  void aWrongIndexIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cube().value(0, 3, 0))
        .withMessageContaining("index 3 is out of range: axis 'head'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cube().value(0, 1))
        .withMessageContaining("has 3 axes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cube().slice("token", 0))
        .withMessage("'cube' has no axis 'token': its axes are [layer, head, position]");
  }

  @Test
  void aMeanIsTakenAlongOneAxisAndOfAnAbsentValueThereIsNone() {
    LabelledArray array =
        LabelledArray.of(
            "a",
            "b",
            List.of(Axis.of("x", "p", "q"), Axis.numbered("y", 2)),
            1,
            2,
            5,
            LabelledArray.ABSENT);
    assertThat(array.meanOver("x"))
        .isEqualTo(
            LabelledArray.of("a", "b", List.of(Axis.numbered("y", 2)), 3, LabelledArray.ABSENT));
    assertThat(array.meanOver("y").value(0)).isEqualTo(1.5);
    assertThat(array.meanOver("y").axes()).containsExactly(Axis.of("x", "p", "q"));
    assertThatIllegalArgumentException().isThrownBy(() -> array.meanOver("z"));
  }
}
