package dev.headlamp.hooks.report.tokens;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.fixtures.Browser;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColoredTokensTest {

  private static final List<String> TOKENS =
      List.of("<|endoftext|>", " a\n", "</p>", "\ud83d", "\u0007");

  private static ColoredTokens loss(double... values) {
    Axis position = Axis.numbered("position", values.length);
    return ColoredTokens.of(LabelledArray.of("loss", "nats", List.of(position), values), TOKENS);
  }

  @Test
  void aTokenHasTheColourOfItsNumberAndTextThatReadsOnIt() {
    String html = loss(1, -1, 0, ABSENT, 0.5).withScale(ColorScale.diverging(0, 1)).markup("x");

    assertThat(html)
        .contains("style=\"background:#053061;color:#ffffff\">&lt;|endoftext|&gt;</span>")
        .contains("style=\"background:#67001f;color:#ffffff\"> a\\n</span><br>")
        .contains("style=\"background:#f7f7f7;color:#1f2933\">&lt;/p&gt;</span>");
  }

  @Test
  void whatHasNoFormIsWrittenOut() {
    String html = loss(1, 2, 3, 4, 5).markup("x");

    assertThat(html).contains(">\\u{d83d}</span>", ">\\u{7}</span>");
  }

  @Test
  void aTokenWithoutANumberHasNoColour() {
    String html = loss(ABSENT, 1, 2, 3, 4).markup("x");

    assertThat(html)
        .contains(
            "<span class=\"valued absent-value\" data-value=\"\""
                + " data-tip=\"no value\nposition 0: &#39;&lt;|endoftext|&gt;&#39;\">");
  }

  @Test
  void ofALongTextThePageShowsTheBeginningAndSaysSo() {
    List<String> tokens = Collections.nCopies(6_000, "a");
    LabelledArray zeros =
        LabelledArray.of("loss", "nats", List.of(Axis.numbered("pos", 6_000)), new double[6_000]);
    ColoredTokens text = ColoredTokens.of(zeros, tokens);

    assertThat(text.caption()).isEqualTo("nats; the first 5000 of 6000 positions are shown");
    assertThat(text.markup("x").split("data-value", -1)).hasSize(5_000 + 1);
  }

  @Test
  void numbersThatDoNotBelongToTheTokensAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss(1, 2))
        .withMessage("loss[position=2] has numbers for 2 positions, but there are 5 tokens");
    LabelledArray deep =
        LabelledArray.of(
            "z", "", List.of(Axis.of("a", "0"), Axis.of("b", "0"), Axis.of("c", "0")), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ColoredTokens.of(deep, List.of("a")))
        .withMessageContaining("need 1 axis, or 2, but z[a=1, b=1, c=1] has 3");
  }

  @Test
  void theBrowserShowsEachRowsNumbersUnderThePointer(@TempDir Path folder) throws Exception {
    LabelledArray features =
        LabelledArray.of(
            "features",
            "",
            List.of(Axis.of("feature", "7", "9"), Axis.numbered("position", 5)),
            0.1,
            0.2,
            0.3,
            0.4,
            0.5,
            1.1,
            1.2,
            1.3,
            1.4,
            1.5);
    HtmlReport report =
        new HtmlReport(
            "Features",
            Map.of(),
            List.of(
                new ReportSection.Figures("Text", List.of(ColoredTokens.of(features, TOKENS)))));
    String point =
        """
        document.querySelectorAll(".valued")[7].dispatchEvent(
          new PointerEvent("pointerover", {bubbles: true}));
        """;
    String page = Browser.orSkip(folder).openedWith(report.html(), point);

    assertThat(Browser.attributes(page, "data-value"))
        .containsExactly("0.1", "0.2", "0.3", "0.4", "0.5", "1.1", "1.2", "1.3", "1.4", "1.5");
    assertThat(page)
        .containsPattern(
            "<div id=\"tooltip\"[^>]*><strong>1\\.3</strong>position 2: '&lt;/p&gt;'<");
  }
}
