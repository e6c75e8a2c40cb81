package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code patch} computes, against TransformerLens' sweeps, and what it writes. */
class PatchCommandTest {

  private static final double TOLERANCE = 1e-4;
  private static final String FILE = "patching.safetensors";

  @TempDir private Path folder;

  /** Returns the options that give the fixture's own prompts and answers. */
  private String[] fixturePrompts(String fixture, String... more) {
    List<String> args = new ArrayList<>(List.of("--out", folder.toString()));
    for (long[] row : References.rows(fixture, FILE, "tokens.clean")) {
      args.addAll(List.of("--clean-tokens", References.typed(row)));
    }
    for (long[] row : References.rows(fixture, FILE, "tokens.corrupted")) {
      args.addAll(List.of("--corrupted-tokens", References.typed(row)));
    }
    for (long[] pair : References.rows(fixture, FILE, "answers")) {
      args.addAll(List.of("--answer-token", Long.toString(pair[0])));
      args.addAll(List.of("--wrong-token", Long.toString(pair[1])));
    }
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  /** Returns the last column of those rows that begin with the name of a result. */
  private double[] csv(String result) throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve("patching.csv"), UTF_8)) {
      return lines
          .filter(line -> line.startsWith('"' + result + "\","))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(',') + 1)))
          .toArray();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ioi-demo", "tiny"})
  @Tag("smoke")
  void theCsvHoldsWhatTransformerLensGives(String fixture) throws IOException {
    CommandLineRun run = CommandLineRun.on(fixture, "patch", fixturePrompts(fixture));
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    double[] heads = References.values(fixture, FILE, "layer_head.z");
    double[] residuals = References.values(fixture, FILE, "layer_pos.resid_pre");
    assertThat(csv("denoising: z by layer, head")).containsExactly(heads, within(TOLERANCE));
    assertThat(csv("denoising: resid_pre by layer, pos"))
        .containsExactly(residuals, within(TOLERANCE));
    double clean = mean(References.values(fixture, FILE, "logit_difference.clean"));
    double corrupted = mean(References.values(fixture, FILE, "logit_difference.corrupted"));
    assertThat(csv("denoising: z by layer, head, normalised"))
        .containsExactly(
            Arrays.stream(heads).map(ld -> (ld - corrupted) / (clean - corrupted)).toArray(),
            within(TOLERANCE));
    assertThat(Files.readAllLines(folder.resolve("patching.csv")))
        .hasSize(1 + 2 * (heads.length + residuals.length));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  @Test
  void everyNamedPointIsSweptAsInTransformerLens() throws IOException {
    CommandLineRun run =
        CommandLineRun.on(
            "ioi-demo",
            "patch",
            fixturePrompts("ioi-demo", "--points", "q,k,v,pattern,resid_mid,attn_out,mlp_out"));
    assertThat(run.status()).isZero();
    for (String point : List.of("q", "k", "v", "pattern")) {
      assertThat(csv("denoising: " + point + " by layer, head"))
          .as(point)
          .containsExactly(
              References.values("ioi-demo", FILE, "layer_head." + point), within(TOLERANCE));
    }
    for (String point : List.of("resid_mid", "attn_out", "mlp_out")) {
      assertThat(csv("denoising: " + point + " by layer, pos"))
          .as(point)
          .containsExactly(
              References.values("ioi-demo", FILE, "layer_pos." + point), within(TOLERANCE));
    }
  }

  @Test
  void noisingRunsTheOtherWay() throws IOException {
    CommandLineRun.on(
        "ioi-demo", "patch", fixturePrompts("ioi-demo", "--noising", "--points", "resid_pre"));
    // The whole residual stream of the last position decides alone from the last layer on.
    double corrupted = mean(References.values("ioi-demo", FILE, "logit_difference.corrupted"));
    double clean = mean(References.values("ioi-demo", FILE, "logit_difference.clean"));
    List<String> rows = Files.readAllLines(folder.resolve("patching.csv"));
    assertThat(csv("noising: resid_pre by layer, pos")[0]).isCloseTo(clean, within(TOLERANCE));
    assertThat(csv("noising: resid_pre by layer, pos, normalised")[0])
        .isCloseTo(0, within(TOLERANCE));
    assertThat(rows).hasSize(1 + 2 * 4 * 15);
    // The prompts differ at position 10 only, so all of it is gone before the first layer.
    assertThat(csv("noising: resid_pre by layer, pos")[10]).isCloseTo(corrupted, within(TOLERANCE));
    assertThat(csv("noising: resid_pre by layer, pos, normalised")[10])
        .isCloseTo(-1, within(TOLERANCE));
  }

  @Test
  void thePrintedNumbersAreTheFixtures() {
    CommandLineRun run =
        CommandLineRun.on(
            "ioi-demo", "patch", fixturePrompts("ioi-demo", "--json", "--points", "z"));
    Json document = Json.parse(run.out());
    assertThat(document.get("complete").value()).isEqualTo(true);
    for (String side : List.of("clean", "corrupted")) {
      double[] expected = References.values("ioi-demo", FILE, "logit_difference." + side);
      assertThat(
              document.get(side).items().stream()
                  .mapToDouble(prompt -> prompt.get("logit_difference").number())
                  .toArray())
          .containsExactly(expected, within(TOLERANCE));
      assertThat(document.get("mean_logit_difference").get(side).number())
          .isCloseTo(mean(expected), within(TOLERANCE));
    }
    assertThat(document.get("arrays").items().get(0).get("values").numbers())
        .containsExactly(References.values("ioi-demo", FILE, "layer_head.z"), within(TOLERANCE));
  }

  @Test
  void thePictureDecodesAndThePageHoldsTheNumbersAndAsksForNothing() throws IOException {
    CommandLineRun run = CommandLineRun.on("ioi-demo", "patch", "--out", folder.toString());
    assertThat(run.status()).isZero();
    assertThat(ImageIO.read(folder.resolve("patching.png").toFile()).getWidth()).isGreaterThan(500);
    String page = Files.readString(folder.resolve("patching.html"));
    assertThat(page).doesNotContain("src=", "@import", "href=\"http");
    String data =
        page.substring(
            page.indexOf('>', page.indexOf("id=\"report-data\"")) + 1, page.indexOf("</script>"));
    double[] inPage = Json.parse(data).get("arrays").items().get(0).get("values").numbers();
    assertThat(inPage).hasSize(32).containsExactly(csv("denoising: z by layer, head, normalised"));
  }

  @Test
  void drawnPromptsAreAnsweredByTheDemoModelAndPrinted() {
    CommandLineRun run = CommandLineRun.on("ioi-demo", "patch", "--out", folder.toString());
    assertThat(run.out())
        .contains("4 layers × 8 heads", "float32", "weight processing  none", "BOS <|endoftext|>");
    assertThat(run.out().lines().filter(line -> line.contains("clean           \"")))
        .hasSize(4)
        .allMatch(line -> line.matches("\\d  clean +\" \\w+\" +0 .* \\+\\d+\\.\\d{3}"));
    assertThat(run.out()).contains("wrote " + folder.resolve("patching.html"));
  }

  @Test
  void oneSeedGivesTheSameFilesAndAnotherOthers() throws IOException {
    String first = csvOfSeed("3");
    assertThat(csvOfSeed("3")).isEqualTo(first);
    assertThat(csvOfSeed("4")).isNotEqualTo(first);
  }

  private String csvOfSeed(String seed) throws IOException {
    CommandLineRun.on(
        "ioi-demo", "patch", "--seed", seed, "--points", "z", "--out", folder.toString());
    return Files.readString(folder.resolve("patching.csv"));
  }

  @Test
  void equalPromptsAreShownRawForThereIsNothingToNormaliseBy() throws IOException {
    String[] args = {
      "--clean", " Mary gave", "--corrupted", " Mary gave", "--answer", " John", "--wrong", " Mary"
    };
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(List.of("--out", folder.toString()));
    CommandLineRun run = CommandLineRun.on("ioi-demo", "patch", all.toArray(String[]::new));
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("raw logit differences");
    assertThat(csv("denoising: z by layer, head")).hasSize(32);
    assertThat(csv("denoising: z by layer, head, normalised")).isEmpty();
  }

  @Test
  void quietPrintsNothing() {
    CommandLineRun run =
        CommandLineRun.on(
            "ioi-demo", "patch", "--quiet", "--points", "z", "--out", folder.toString());
    assertThat(run).isEqualTo(new CommandLineRun(0, "", ""));
    assertThat(folder.resolve("patching.png")).exists();
  }

  @Test
  void inFloat64ItIsAsCloseAsTheFloat32Reference() throws IOException {
    CommandLineRun.on(
        "ioi-demo", "patch", fixturePrompts("ioi-demo", "--dtype", "float64", "--points", "z"));
    assertThat(csv("denoising: z by layer, head"))
        .containsExactly(References.values("ioi-demo", FILE, "layer_head.z"), within(2e-5));
  }
}
