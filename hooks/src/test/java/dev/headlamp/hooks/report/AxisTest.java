package dev.headlamp.hooks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class AxisTest {

  @Test
  void aLabelAndItsIndexFindEachOther() {
    Axis axis = Axis.of("stream", "resid_pre", "attn_out", "mlp_out");

    assertThat(axis.length()).isEqualTo(3);
    assertThat(axis.label(1)).isEqualTo("attn_out");
    assertThat(axis.indexOf("mlp_out")).isEqualTo(2);
  }

  @Test
  void aNumberedAxisCountsFromZero() {
    assertThat(Axis.numbered("layer", 3).labels()).containsExactly("0", "1", "2");
  }

  @Test
  void aRepeatedTokenHasALabelForEachOfItsPositions() {
    Axis axis = Axis.positions("position", List.of(" to", " to"));

    assertThat(axis.labels()).containsExactly("0: ' to'", "1: ' to'");
  }

  @Test
  void theSameLabelTwiceIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.of("token", "a", "b", "a"))
        .withMessage("axis 'token' has the label 'a' twice, at 0 and 2; labels must differ");
  }

  @Test
  void anAxisWithoutLabelsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.of("layer"))
        .withMessageContaining("'layer' has no labels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.numbered("layer", -1))
        .withMessageContaining("length -1");
  }

  @Test
  void anIndexOrLabelItDoesNotHaveIsRefused() {
    Axis axis = Axis.numbered("layer", 12);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> axis.label(12))
        .withMessage("index 12 is out of range: axis 'layer' has indices 0 to 11");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> axis.indexOf("twelve"))
        .withMessageContaining("axis 'layer' has no label 'twelve'");
  }
}
