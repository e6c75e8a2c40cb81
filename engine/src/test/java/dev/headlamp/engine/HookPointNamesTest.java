package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of points: TransformerLens' own, its short forms and aliases, and nothing else. */
class HookPointNamesTest {

  private static final Gpt2Config SMALL = Gpt2Config.gpt2();

  static List<HookPoint> points() {
    return HookPoint.all(Tiny.CONFIG);
  }

  @ParameterizedTest
  @MethodSource("points")
  void everyFullNameMeansItsPoint(HookPoint point) {
    assertThat(HookPoint.parse(point.name(), Tiny.CONFIG)).isEqualTo(point);
  }

  @Test
  void noTwoPointsShareAName() {
    assertThat(points().stream().map(HookPoint::name)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({
    "k6, blocks.6.attn.hook_k",
    "q0, blocks.0.attn.hook_q",
    "v11, blocks.11.attn.hook_v",
    "z3, blocks.3.attn.hook_z",
    "result9, blocks.9.attn.hook_result",
    "pattern5, blocks.5.attn.hook_pattern",
    "attn5, blocks.5.attn.hook_pattern",
    "attn_scores0, blocks.0.attn.hook_attn_scores",
    "attn_logits0, blocks.0.attn.hook_attn_scores",
    "key6, blocks.6.attn.hook_k",
    "query6, blocks.6.attn.hook_q",
    "value6, blocks.6.attn.hook_v",
    "pre5, blocks.5.mlp.hook_pre",
    "post5, blocks.5.mlp.hook_post",
    "mlp_pre2, blocks.2.mlp.hook_pre",
    "mlp_post2, blocks.2.mlp.hook_post",
    "k6a, blocks.6.attn.hook_k",
    "resid_pre7, blocks.7.hook_resid_pre",
    "resid_mid7, blocks.7.hook_resid_mid",
    "resid_post7, blocks.7.hook_resid_post",
    "attn_out7, blocks.7.hook_attn_out",
    "mlp_out7, blocks.7.hook_mlp_out",
    "attn_in7, blocks.7.hook_attn_in",
    "q_input7, blocks.7.hook_q_input",
    "mlp_in7, blocks.7.hook_mlp_in",
    "normalized1ln2, blocks.1.ln2.hook_normalized",
    "scale4ln1, blocks.4.ln1.hook_scale",
    "embed, hook_embed",
    "pos_embed, hook_pos_embed",
    "scale, ln_final.hook_scale",
    "normalized, ln_final.hook_normalized"
  })
  void shortFormsMeanWhatTransformerLensMeans(String brief, String full) {
    assertThat(HookPoint.parse(brief, SMALL).name()).isEqualTo(full);
  }

  @ParameterizedTest
  @CsvSource({
    "blocks.-1.hook_resid_post, blocks.11.hook_resid_post",
    "blocks.-12.attn.hook_z, blocks.0.attn.hook_z",
    "k-2, blocks.10.attn.hook_k"
  })
  void negativeLayersCountFromTheEnd(String name, String full) {
    assertThat(HookPoint.parse(name, SMALL).name()).isEqualTo(full);
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocks.12.attn.hook_z", "z12"})
  void aLayerOutOfRangeIsNamedWithTheRule(String name) {
    assertThatThrownBy(() -> HookPoint.parse(name, Tiny.CONFIG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no point '" + name + "': layer 12 is out of range: tiny has layers 0 to 1");
  }

  @Test
  void aNegativeLayerBeforeTheFirstIsOutOfRange() {
    assertThatThrownBy(() -> HookPoint.parse("blocks.-3.hook_mlp_out", Tiny.CONFIG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("layer -3 is out of range: tiny has layers 0 to 1");
  }

  @ParameterizedTest
  @CsvSource({
    "blocks.1.attn.hook_zz, blocks.1.attn.hook_z",
    "blocks.0.hook_resid_prev, blocks.0.hook_resid_pre",
    "hook_embedding, hook_embed",
    "Blocks.1.attn.hook_pattern, blocks.1.attn.hook_pattern",
    "unembed.hook_ou, unembed.hook_out"
  })
  void anUnknownNameListsTheNearest(String unknown, String nearest) {
    assertThatThrownBy(() -> HookPoint.parse(unknown, Tiny.CONFIG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no point '" + unknown + "' in tiny; the nearest are ")
        .hasMessageContaining(" " + nearest + ",");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "blocks",
        "blocks.1",
        "blocks.1.",
        "blocks.x.hook_z",
        "blocks.1.hook_z",
        "hook_z",
        "normalized1",
        "scale0",
        "z",
        "3",
        "blocks.99999999999.hook_z",
        "k99999999999",
        "é0",
        "blocks.0.ln_final.hook_scale",
        "resid_pre",
        "blocks.1.attn.hook_q ."
      })
  void whatIsNoNameIsRefused(String name) {
    assertThatThrownBy(() -> HookPoint.parse(name, Tiny.CONFIG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no point '" + name + "'");
  }

  @Test
  void onlyThePointsOfABlockHaveALayer() {
    assertThatThrownBy(() -> HookPoint.of(Activation.Z))
        .hasMessage("blocks.{l}.attn.hook_z needs a layer of 0 or more, not -1");
    assertThatThrownBy(() -> HookPoint.of(Activation.EMBED, 0))
        .hasMessage("hook_embed belongs to no layer, but layer 0 is given");
  }

  @Test
  void aPointOfALayerTheModelLacksIsRefused() {
    assertThatThrownBy(() -> HookPoint.of(Activation.Z, 2).checkedFor(Tiny.CONFIG))
        .hasMessage("layer 2 is out of range: tiny has layers 0 to 1");
  }

  @Test
  void aFullCacheOfGpt2SmallHoldsAsManyNumbersAsInTransformerLens() {
    long perPosition = 0;
    int positions = 7;
    for (HookPoint point : HookPoint.all(SMALL)) {
      if (point.activation().cachedByDefault()) {
        long size = 1;
        for (long length : point.activation().shape(SMALL, 1, positions, positions)) {
          size *= length;
        }
        perPosition += size / positions;
      }
    }
    assertThat(perPosition).isEqualTo(177_433 + 288 * positions);
  }
}
