package dev.headlamp.hooks.report;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {

  static final List<String> TOKENS = List.of("<|endoftext|>", "</script>", " \"a\" & 'b'", "\n");

  static HtmlReport report() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", "<gpt2>");
    facts.put("metric", "a & b");
    Axis layer = Axis.numbered("layer", 2);
    LabelledArray stream =
        LabelledArray.of(
            "stream",
            "restored",
            List.of(layer, Axis.positions("position", TOKENS)),
            1.0 / 3,
            -0.5,
            ABSENT,
            1e-9,
            0,
            1,
            2,
            3);
    TokenRow clean = TokenRow.of("clean", TOKENS);
    return new HtmlReport(
        "Patching <residual>",
        facts,
        List.of(
            new ReportSection.Prompts(
                "Prompts", List.of(clean.markingDifferencesFrom(List.of("<|endoftext|>", "x")))),
            new ReportSection.Heatmaps("Results", List.of(Heatmap.of(stream))),
            new ReportSection.Text("Notes", "line 1\n  <b>line 2</b>")));
  }

  @Test
  void everythingThatLooksLikeMarkupIsEscaped() {
    String html = report().html();

    assertThat(html)
        .contains("<title>Patching &lt;residual&gt;</title>")
        .contains("<td>&lt;gpt2&gt;</td>")
        .contains("<td>a &amp; b</td>")
        .contains(">&lt;|endoftext|&gt;</span>")
        .contains("> &quot;a&quot; &amp; &#39;b&#39;</span>")
        .contains("line 1\n  &lt;b&gt;line 2&lt;/b&gt;")
        .doesNotContain("<|endoftext|>");
    assertThat(html.split("</script>", -1)).as("the page's own two scripts").hasSize(2 + 1);
  }

  /** A cell is 30 wide, four letters take 28: side by side they would read as one word. */
  @Test
  void labelsThatWouldTouchAreUprightAndOthersAreNot() {
    assertThat(columnHeader("L1H1")).contains("rotate(-90)");
    assertThat(columnHeader("mlp")).doesNotContain("rotate(-90)");
  }

  private static String columnHeader(String label) {
    LabelledArray row =
        LabelledArray.of(
            "row", "", List.of(Axis.of("row", "a"), Axis.of("column", label, "b")), 1, 2);
    String html =
        new HtmlReport(
                "One row",
                Map.of(),
                List.of(new ReportSection.Heatmaps("Row", List.of(Heatmap.of(row)))))
            .html();
    Matcher header = Pattern.compile("<text[^>]*role=\"columnheader\"[^>]*>").matcher(html);
    assertThat(header.find()).isTrue();
    return header.group();
  }

  @Test
  void theDataIsJsonThatCannotEndItsElement() {
    Matcher data =
        Pattern.compile("<script type=\"application/json\" id=\"report-data\">(.*?)</script>")
            .matcher(report().html());

    assertThat(data.find()).isTrue();
    assertThat(data.group(1))
        .doesNotContain("<")
        .startsWith("{\"metadata\":{\"model\":\"\\u003cgpt2>\",\"metric\":\"a & b\"},\"arrays\":[")
        .contains("\"labels\":[\"0: '\\u003c|endoftext|>'\",\"1: '\\u003c/script>'\",")
        .endsWith("\"values\":[[0.3333333333333333,-0.5,null,1.0E-9],[0.0,1.0,2.0,3.0]]}]}");
  }

  @Test
  void everyCellCarriesItsLabelsAndItsExactValue() {
    String html = report().html();

    assertThat(html.split("class=\"cell\"", -1)).hasSize(2 * TOKENS.size() + 1);
    assertThat(html)
        .contains(
            "data-row=\"0\" data-column=\"0: &#39;&lt;|endoftext|&gt;&#39;\""
                + " data-value=\"0.3333333333333333\"")
        .contains("data-column=\"2: &#39; &quot;a&quot; &amp; &#39;b&#39;&#39;\" data-value=\"\"")
        .contains("layer 0, position 3: &#39;\\n&#39;: 1.0E-9\"");
  }

  @Test
  void thePageAsksForNothingFromOutside() {
    String html = report().html();

    assertThat(html).doesNotContain("http:", "https:", "@import", "src=");
    assertThat(Pattern.compile("url\\((?!#)").matcher(html).find()).isFalse();
    assertThat(html).contains("default-src 'none'");
  }

  @Test
  void equalReportsGiveEqualPages() {
    assertThat(report().html()).isEqualTo(report().html());
  }

  @Test
  void tokensThatDifferAreMarked() {
    assertThat(TokenRow.of("clean", List.of("a", "b", "c")).markingDifferencesFrom(List.of("a")))
        .isEqualTo(new TokenRow("clean", List.of("a", "b", "c"), Set.of(1, 2)));
    assertThat(report().html())
        .contains("<span class=\"token\" title=\"position 0\">&lt;|endoftext|&gt;</span>")
        .contains("<span class=\"token marked\" title=\"position 1\">&lt;/script&gt;</span>");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenRow("clean", List.of("a"), Set.of(1)))
        .withMessageContaining("position 1 of 'clean': it has 1 tokens");
  }

  @Test
  void aHeatMapThatWouldFreezeABrowserIsRefused() {
    LabelledArray large =
        LabelledArray.of(
            "pattern",
            "",
            List.of(Axis.numbered("query", 400), Axis.numbered("key", 400)),
            new double[160_000]);
    HtmlReport report =
        new HtmlReport(
            "large",
            Map.of(),
            List.of(new ReportSection.Heatmaps("Pattern", List.of(Heatmap.of(large)))));

    assertThatIllegalArgumentException()
        .isThrownBy(report::html)
        .withMessage("pattern[query=400, key=400] has 400 x 400 cells; a page shows at most 40000");
  }

  @Test
  void theFileHoldsThePage(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("report.html");

    report().write(file);

    assertThat(Files.readString(file)).isEqualTo(report().html());
  }
}
