package dev.headlamp.hooks.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Browser;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page is in a browser, where there is one. */
class HtmlReportInBrowserTest {

  private Browser browser;

  @BeforeEach
  void findABrowser(@TempDir Path folder) {
    browser = Browser.orSkip(folder);
  }

  @Test
  void theBrowserHoldsTheExactValuesInTheirOrder() throws Exception {
    String page = browser.opened(HtmlReportTest.report().html());

    assertThat(Browser.attributes(page, "data-value"))
        .containsExactly("0.3333333333333333", "-0.5", "", "1.0E-9", "0.0", "1.0", "2.0", "3.0");
    assertThat(page)
        .as("the script ran")
        .contains("Download the data (JSON)</button>")
        .contains("id=\"tooltip\"");
  }

  @Test
  void theValueUnderTheFocusIsShownAndArrowKeysMoveIt() throws Exception {
    String press =
        """
        document.querySelectorAll(".cell")[0].focus();
        for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"]) {
          document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        }
        """;
    String page = browser.openedWith(HtmlReportTest.report().html(), press);

    assertThat(page)
        .containsPattern("<div id=\"tooltip\"[^>]*><strong>3\\.0</strong>layer 1\nposition 3: '");
  }

  @Test
  void thePointerShowsWhatWasNotComputed() throws Exception {
    String point =
        """
        const absent = document.querySelector(".cell[data-value='']");
        absent.dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
        """;
    String page = browser.openedWith(HtmlReportTest.report().html(), point);

    assertThat(page).contains("<strong>not computed</strong>layer 0\nposition 2: '");
  }
}
