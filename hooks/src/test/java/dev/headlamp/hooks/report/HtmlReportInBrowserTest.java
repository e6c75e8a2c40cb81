package dev.headlamp.hooks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens the page in a headless Chromium, where one is on the {@code PATH}. */
class HtmlReportInBrowserTest {

  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome");

  @TempDir Path folder;
  private String browser = "";

  @BeforeEach
  void findABrowser() {
    Optional<Path> found = browserOnPath();
    if (found.isEmpty()) {
      System.out.println("Skipped HtmlReportInBrowserTest: none of " + BROWSERS + " is on PATH");
    }
    assumeTrue(found.isPresent(), () -> "none of " + BROWSERS + " is on PATH");
    browser = found.orElseThrow().toString();
  }

  @Test
  void theBrowserHoldsTheExactValuesInTheirOrder() throws Exception {
    String page = opened(HtmlReportTest.report().html());

    assertThat(attributes(page, "data-value"))
        .containsExactly("0.3333333333333333", "-0.5", "", "1.0E-9", "0.0", "1.0", "2.0", "3.0");
  }

  @Test
  void theScriptRunsUnderThePagesOwnRules() throws Exception {
    String page = opened(HtmlReportTest.report().html());

    assertThat(page).contains("Download the data (JSON)</button>").contains("id=\"tooltip\"");
  }

  @Test
  void theValueUnderTheFocusIsShownAndArrowKeysMoveIt() throws Exception {
    String press =
        """
        <script>
        document.querySelectorAll(".cell")[0].focus();
        for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"]) {
          document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        }
        </script>
        </body>
        """;
    String page = opened(HtmlReportTest.report().html().replace("</body>", press));

    assertThat(page)
        .containsPattern("<div id=\"tooltip\"[^>]*><strong>3\\.0</strong>layer 1\nposition 3: '");
  }

  @Test
  void thePointerShowsWhatWasNotComputed() throws Exception {
    String point =
        """
        <script>
        const absent = document.querySelector(".cell[data-value='']");
        absent.dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
        </script>
        </body>
        """;
    String page = opened(HtmlReportTest.report().html().replace("</body>", point));

    assertThat(page).contains("<strong>not computed</strong>layer 0\nposition 2: '");
  }

  /** Returns what the page has become once its scripts have run. */
  private String opened(String html) throws IOException, InterruptedException {
    Path page = Files.writeString(folder.resolve("page.html"), html);
    Path dump = folder.resolve("dump.html");
    Process process =
        new ProcessBuilder(
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--dump-dom",
                page.toUri().toString())
            .redirectOutput(dump.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("browser ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(dump);
  }

  private static List<String> attributes(String page, String name) {
    Matcher matcher = Pattern.compile(name + "=\"([^\"]*)\"").matcher(page);
    List<String> values = new ArrayList<>();
    while (matcher.find()) {
      values.add(matcher.group(1));
    }
    return values;
  }

  private static Optional<Path> browserOnPath() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .filter(entry -> !entry.isEmpty())
        .map(Path::of)
        .flatMap(entry -> BROWSERS.stream().map(entry::resolve))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
