package dev.headlamp.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Browser;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.report.Figure;
import dev.headlamp.hooks.report.HeatmapImage;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.attention.HeadGridImage;
import dev.headlamp.hooks.report.plots.PlotImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Draws the pictures of {@code docs/pictures.md} into {@code experiments/target/pictures}, from
 * where they are copied to {@code docs/images}, and compares what they say with the model.
 */
class PicturesTest {

  private static final Path OUT = Fixtures.repository().resolve("experiments/target/pictures");

  private static HookedGpt2 model;
  private static Gallery gallery;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
    gallery = new Gallery(model);
    Files.createDirectories(OUT);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static String page(Figure figure) {
    ReportSection section = new ReportSection.Figures("Prompt: " + Gallery.PROMPT, List.of(figure));
    return new HtmlReport(figure.title(), Map.of(), List.of(section)).html();
  }

  private static void photograph(
      Figure figure, String fragment, String name, int width, int height, Path folder)
      throws Exception {
    // Without the page around it.
    String bare =
        "<style>h1, h2, .download { display: none } main { padding: 12px } section { margin: 0 }</style>";
    String page = page(figure).replace("</head>", bare + "</head>");
    Files.writeString(OUT.resolve(name.replace(".png", ".html")), page(figure));
    Browser.orSkip(folder).photograph(page, fragment, OUT.resolve(name), width, height);
    assertThat(OUT.resolve(name)).isNotEmptyFile();
  }

  @Test
  void theAttentionOfAHeadIsThatOfTheModel(@TempDir Path folder) throws Exception {
    TokenBatch prompt = model.toTokens(Gallery.PROMPT);
    String page = Browser.orSkip(folder).opened(page(gallery.attention()), "head=0.6&token=10");

    int source = Integer.parseInt(Browser.attributes(page, "li data-pos").get(0));
    double shown = Double.parseDouble(Browser.attributes(page, "data-value").get(0));
    try (CachedRun run = model.runWithCache(prompt, CacheSpec.named(model.config(), "pattern0"))) {
      assertThat(shown)
          .isEqualTo(run.cache().get("pattern0").getDouble(0, 6, 10, source), within(1e-7));
    }
    photograph(gallery.attention(), "head=0.6&token=10", "attention.png", 1160, 700, folder);
    HeadGridImage.writePng(OUT.resolve("heads.png"), gallery.attention());
    HeatmapImage.writePng(
        OUT.resolve("pattern.png"),
        HeatmapImage.Arrangement.STACKED,
        List.of(gallery.attention().heatmap("0", "6")));
  }

  @Test
  void theLastRowOfTheLensIsWhatTheModelSays(@TempDir Path folder) throws Exception {
    TokenBatch prompt = model.toTokens(Gallery.PROMPT);
    int last = prompt.lastPos(0);
    NextToken.Candidate best = NextToken.of(model.run(prompt), 0, last).top(1).get(0);

    List<String> values =
        Browser.attributes(Browser.orSkip(folder).opened(page(gallery.lens())), "data-value");

    assertThat(model.tokenText(best.token())).isEqualTo(" Mary");
    assertThat(Double.parseDouble(values.get(values.size() - 1)))
        .isEqualTo(best.probability(), within(1e-5));
    photograph(gallery.lens(), "", "lens.png", 1230, 440, folder);
  }

  @Test
  void aTextIsColouredByTheChangeOfItsLoss(@TempDir Path folder) throws Exception {
    double[] change = gallery.loss().array().values();
    TokenBatch text = gallery.text();
    NextToken before = NextToken.of(model.run(text), 0, 4);
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add("z0", Part.everything().heads(2), Interventions.zero());
      NextToken after = NextToken.of(model.run(text, hooks), 0, 4);
      int next = text.id(0, 5);
      assertThat(change[5])
          .isEqualTo(before.logProbability(next) - after.logProbability(next), within(1e-5));
    }
    photograph(gallery.loss(), "", "tokens.png", 900, 240, folder);
  }

  @Test
  void aPromptIsAPointOfTheHistogramAndAHeadOneOfTheScatter(@TempDir Path folder) throws Exception {
    assertThat(gallery.logitDifferences().counts(0).stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(64);
    PlotImage.writePng(OUT.resolve("histogram.png"), gallery.logitDifferences());
    PlotImage.writePng(OUT.resolve("scatter.png"), gallery.bothDirections());
    PlotImage.writePng(OUT.resolve("lines.png"), gallery.byLayer());
    String page =
        new HtmlReport(
                "Plots",
                Map.of(),
                List.of(
                    new ReportSection.Figures(
                        "Plots",
                        List.of(
                            gallery.logitDifferences(),
                            gallery.bothDirections(),
                            gallery.byLayer()))))
            .html();
    assertThat(Browser.attributes(Browser.orSkip(folder).opened(page), "cx"))
        .as("a point for each head, and for each state and name")
        .hasSize(32 + 3 * gallery.byLayer().array().axes().get(1).length());
    Files.writeString(OUT.resolve("plots.html"), page);
  }
}
