package dev.headlamp.hooks.report.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.fixtures.Browser;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class AttentionPatternsTest {

  private static final List<String> TOKENS = List.of("<|endoftext|>", " a", "\n");
  private static final Axis LAYERS = Axis.of("layer", "4", "5");
  private static final Axis HEADS = Axis.numbered("head", 2);

  /** A number that says where it stands: 0.layer head dest source. */
  private static double number(int layer, int head, int dest, int source) {
    return 0.1 * layer + 0.01 * head + 0.001 * dest + 0.0001 * source;
  }

  private static AttentionPatterns patterns() {
    double[] values = new double[2 * 2 * 3 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(i / 18, i / 9 % 2, i / 3 % 3, i % 3);
    }
    List<Axis> axes =
        List.of(LAYERS, HEADS, Axis.numbered("dest_pos", 3), Axis.numbered("src_pos", 3));
    return AttentionPatterns.of(LabelledArray.of("patterns", "", axes, values), TOKENS);
  }

  private static String page(AttentionPatterns patterns) {
    return new HtmlReport(
            "Heads", Map.of(), List.of(new ReportSection.Figures("All", List.of(patterns))))
        .html();
  }

  @Test
  void theAddressChoosesAHeadAndAToken(@TempDir Path folder) throws Exception {
    String page = Browser.orSkip(folder).opened(page(patterns()), "head=5.1&token=1");

    assertThat(page).contains("<output class=\"head-name\">5.1</output>");
    assertThat(page).contains("<output class=\"token-name\">1: ' a'</output>");
    // What token 1 attends to in the second layer's second head, the largest first, as float32.
    assertThat(Browser.attributes(page, "data-value"))
        .extracting(Float::parseFloat)
        .containsExactly(
            (float) number(1, 1, 1, 2), (float) number(1, 1, 1, 1), (float) number(1, 1, 1, 0));
    assertThat(page)
        .containsPattern("data-head=\"5\\.1\"[^>]*aria-pressed=\"true\"")
        .doesNotContainPattern("data-head=\"4\\.0\"[^>]*aria-pressed=\"true\"");
  }

  @Test
  void clicksChooseAHeadATokenAndTheDirection(@TempDir Path folder) throws Exception {
    String click =
        """
        document.querySelector(".head[data-head='5.0']").click();
        document.querySelectorAll(".pick")[0].click();
        document.querySelector("input[value=from]").click();
        """;
    String page = Browser.orSkip(folder).openedWith(page(patterns()), click);

    assertThat(page).contains("<output class=\"head-name\">5.0</output>");
    assertThat(Browser.attributes(page, "data-value"))
        .extracting(Float::parseFloat)
        .containsExactly(
            (float) number(1, 0, 2, 0), (float) number(1, 0, 1, 0), (float) number(1, 0, 0, 0));
  }

  @Test
  void thePointerOverThePatternShowsTheNumberAndBothTokens(@TempDir Path folder) throws Exception {
    String point =
        """
        const canvas = document.querySelector(".pattern canvas");
        const box = canvas.getBoundingClientRect();
        canvas.dispatchEvent(new PointerEvent("pointermove", {
          bubbles: true,
          clientX: box.left + 0.5 * box.width,
          clientY: box.top + 0.9 * box.height,
        }));
        """;
    String page = Browser.orSkip(folder).openedWith(page(patterns()), point);

    assertThat(page)
        .contains("<strong>0.0021</strong>2: '\\n'\n→ 1: ' a'<")
        .contains("<output class=\"head-name\">4.0</output>");
  }

  @Test
  void tokensAreEscapedAndSeen() {
    assertThat(patterns().markup("x"))
        .contains("data-pos=\"0\" aria-pressed=\"false\">&lt;|endoftext|&gt;</button>")
        .contains(">\\n</button>")
        .doesNotContain("<|endoftext|>");
  }

  @Test
  void ofALongPromptThePageHoldsTheBeginningAndSaysSo() {
    int length = 600;
    List<Axis> axes =
        List.of(
            Axis.of("layer", "0"),
            Axis.of("head", "0"),
            Axis.numbered("dest_pos", length),
            Axis.numbered("src_pos", length));
    LabelledArray array = LabelledArray.of("long", "", axes, new double[length * length]);
    AttentionPatterns patterns = AttentionPatterns.of(array, Collections.nCopies(length, "a"));

    assertThat(patterns.caption()).isEqualTo("the first 512 of 600 positions are shown");
    assertThat(patterns.markup("x"))
        .contains("data-positions=\"512\"")
        .hasSizeLessThan(2_000_000); // 512 * 512 numbers of 16/3 characters are 1.4 million
  }

  @Test
  void thePatternsOfARunAreThoseOfThePromptAskedFor() {
    INDArray layer = Nd4j.arange(36).reshape(2, 2, 3, 3);
    INDArray next = layer.add(100);

    LabelledArray array =
        AttentionPatterns.of("run", List.of(layer, next), 1, TOKENS.subList(0, 2)).array();

    assertThat(array.shape()).containsExactly(2, 2, 2, 2);
    // Prompt 1 begins at 18, each head has 9 numbers in rows of 3; the last position is padding.
    assertThat(array.values())
        .containsExactly(18, 19, 21, 22, 27, 28, 30, 31, 118, 119, 121, 122, 127, 128, 130, 131);
  }

  @Test
  void oneHeadIsAHeatMapWithTokensOnBothAxes() {
    Heatmap map = patterns().heatmap("5", "1");

    assertThat(map.rows().labels()).containsExactly("0: '<|endoftext|>'", "1: ' a'", "2: '\n'");
    assertThat(map.columns().labels()).isEqualTo(map.rows().labels());
    assertThat(map.array().value(2, 1)).isEqualTo(number(1, 1, 2, 1));
    assertThat(map.scale()).isEqualTo(ColorScale.sequential(0, 1));
  }

  @Test
  void theGridHasAPatternForEachHead() {
    double[] values = new double[2 * 2 * 3 * 3];
    // Layer 5, head 0: every token attends to the first one.
    for (int dest = 0; dest < 3; dest++) {
      values[18 + 3 * dest] = 1;
    }
    LabelledArray array = LabelledArray.of("p", "", patterns().array().axes(), values);

    BufferedImage image = HeadGridImage.draw(AttentionPatterns.of(array, TOKENS));

    int dark = 0;
    int left = image.getWidth();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if ((image.getRGB(x, y) & 0xffffff) == 0x08306b) {
          dark++;
          left = Math.min(left, x);
        }
      }
    }
    // A third of one pattern of 128 x 128 pixels, less the line around it.
    assertThat(dark).isBetween(128 * 128 / 3 - 500, 128 * 128 / 3 + 200);
    assertThat(left).as("in the first column").isLessThan(140);
  }

  @Test
  void whatAreNoPatternsOfThePromptIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AttentionPatterns.of(patterns().array().slice("layer", 0), TOKENS))
        .withMessageContaining("[layer, head, dest_pos, src_pos], but patterns")
        .withMessageEndingWith("has 3 axes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AttentionPatterns.of(patterns().array(), List.of("a")))
        .withMessageContaining("does not fit 1 tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AttentionPatterns.of("run", List.of(Nd4j.zeros(1, 2, 3, 3)), 1, TOKENS))
        .withMessageContaining("[1, 2, 3, 3]")
        .withMessageContaining("a prompt 1 of 3 tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AttentionPatterns.of("run", List.of(), 0, TOKENS))
        .withMessageContaining("'run' needs the patterns of a layer");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> patterns().heatmap("9", "0"))
        .withMessageContaining("axis 'layer' has no label '9'");
  }
}
