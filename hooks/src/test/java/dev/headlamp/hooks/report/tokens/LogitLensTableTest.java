package dev.headlamp.hooks.report.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.fixtures.Browser;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.ReportSection;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogitLensTableTest {

  private static final Axis LAYERS = Axis.of("layer", "0", "final");
  private static final List<String> TOKENS = List.of("When", " Mary", "\n");

  /** At layer 0 the model is sure of " Mary" everywhere; at the end of nothing, and of "\n". */
  private static LogitLensTable table() {
    return LogitLensTable.of(
        "Lens",
        LAYERS,
        TOKENS,
        (layer, pos) ->
            layer == 0
                ? List.of(new TokenGuess(" Mary", 0.75), new TokenGuess("<b>", 0.25))
                : List.of(new TokenGuess("\n", 0.5), new TokenGuess(" John", 0.125 * pos)));
  }

  @Test
  void theDataHoldsTheProbabilityOfEachCellsToken() {
    assertThat(table().arrays())
        .singleElement()
        .satisfies(
            array -> {
              assertThat(array.shape()).containsExactly(2, 3);
              assertThat(array.values()).containsExactly(0.75, 0.75, 0.75, 0.5, 0.5, 0.5);
            });
  }

  @Test
  void aCellThatNamesTheNextTokenIsOutlinedAndNoOther() {
    String html = table().markup("x");

    // " Mary" follows position 0, "\n" position 1, and nothing is known to follow position 2.
    assertThat(html.split("comes-next", -1)).hasSize(2 + 1);
    assertThat(html.split("class=\"guess\"", -1)).hasSize(4 + 1);
  }

  @Test
  void theBrowserShowsTheCandidatesUnderThePointer(@TempDir Path folder) throws Exception {
    HtmlReport report =
        new HtmlReport(
            "Lens", Map.of(), List.of(new ReportSection.Figures("Lens", List.of(table()))));
    String point =
        """
        document.querySelectorAll(".guess")[1].dispatchEvent(
          new PointerEvent("pointerover", {bubbles: true}));
        """;
    String page = Browser.orSkip(folder).openedWith(report.html(), point);

    assertThat(Browser.attributes(page, "data-value"))
        .containsExactly("0.75", "0.75", "0.75", "0.5", "0.5", "0.5");
    assertThat(page)
        .contains(
            "<strong>layer 0, after 1: ' Mary'</strong>"
                + " 75.00 %  ' Mary'\n 25.00 %  '&lt;b&gt;'<");
  }

  @Test
  void ofALongPromptThePageShowsTheBeginningAndSaysSo() {
    List<String> tokens = Collections.nCopies(15_000, "a");
    LogitLensTable table =
        LogitLensTable.of("Lens", LAYERS, tokens, (l, p) -> List.of(new TokenGuess("a", 1)));

    assertThat(table.caption()).endsWith("; the first 10000 of 15000 positions are shown");
    assertThat(table.markup("x").split("<td", -1)).hasSize(20_000 + 1);
  }

  @Test
  void candidatesInAnotherOrderOrMissingAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LogitLensTable.of(
                    "Lens",
                    LAYERS,
                    TOKENS,
                    (layer, pos) -> List.of(new TokenGuess("a", 0.1), new TokenGuess("b", 0.2))))
        .withMessageContaining("row '0' has at position 0 2 candidates in another order");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LogitLensTable.of("Lens", LAYERS, TOKENS, (layer, pos) -> List.of()))
        .withMessageContaining("0 candidates; a cell needs 1 to 100");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LogitLensTable("Lens", LAYERS, TOKENS, List.of()))
        .withMessageContaining("0 rows for the 2 labels of 'layer'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenGuess("a", Double.NaN))
        .withMessage("the probability of 'a' is NaN, not a number from 0 to 1");
  }
}
