package dev.headlamp.hooks.report;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The colours are those of ColorBrewer's RdBu with 11 classes and Blues with 9. */
class ColorScaleTest {

  private static LabelledArray row(double... values) {
    return LabelledArray.of("row", "", List.of(Axis.numbered("head", values.length)), values);
  }

  @Test
  void theZeroIsWhiteAndTheEndsAreRedAndBlue() {
    ColorScale scale = ColorScale.diverging(1, 2);

    assertThat(scale.rgb(1)).isEqualTo(0xf7f7f7);
    assertThat(scale.rgb(-1)).isEqualTo(0x67001f);
    assertThat(scale.rgb(3)).isEqualTo(0x053061);
  }

  @Test
  void betweenTwoStopsTheColourIsMixed() {
    // A tenth of the way from 0xf7f7f7 to 0x053061 is half of the way to the next stop, 0xd1e5f0.
    assertThat(ColorScale.diverging(0, 1).rgb(0.1)).isEqualTo(0xe4eef4);
  }

  @Test
  void beyondItsEndsAScaleKeepsTheColourOfTheEnd() {
    ColorScale scale = ColorScale.sequential(0, 1);

    assertThat(scale.rgb(-5)).isEqualTo(0xf7fbff);
    assertThat(scale.rgb(Double.POSITIVE_INFINITY)).isEqualTo(0x08306b);
  }

  @Test
  void anAbsentValueHasAColourOfItsOwn() {
    assertThat(ColorScale.diverging(0, 1).rgb(ABSENT)).isEqualTo(ColorScale.ABSENT_RGB);
  }

  @Test
  void aScaleOverArraysReachesTheFarthestValueOfAnyOfThem() {
    ColorScale scale = ColorScale.divergingOver(0, row(0.1, -0.312, ABSENT), row(0.2));

    assertThat(scale.low()).isEqualTo(-0.32);
    assertThat(scale.high()).isEqualTo(0.32);
  }

  @Test
  void aScaleOverNothingButZerosStillHasAWidth() {
    assertThat(ColorScale.divergingOver(0, row(0, 0))).isEqualTo(ColorScale.diverging(0, 1));
    assertThat(ColorScale.divergingOver(0, row(ABSENT))).isEqualTo(ColorScale.diverging(0, 1));
  }

  @Test
  void infiniteValuesDoNotStretchAScale() {
    assertThat(ColorScale.divergingOver(0, row(Double.NEGATIVE_INFINITY, 2)).high()).isEqualTo(2);
  }

  @Test
  void aScaleWithoutWidthIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ColorScale.sequential(1, 1))
        .withMessageContaining("got 1.0 to 1.0");
    assertThatIllegalArgumentException().isThrownBy(() -> ColorScale.diverging(0, Double.NaN));
  }
}
