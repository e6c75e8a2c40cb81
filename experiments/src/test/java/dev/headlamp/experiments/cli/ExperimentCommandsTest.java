package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.headlamp.engine.circuits.EmbeddingStatistics;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.heads.HeadScores;
import dev.headlamp.hooks.heads.HeadType;
import dev.headlamp.hooks.heads.RepeatedTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The experiments that need no IOI data set of their own, from the command line. */
class ExperimentCommandsTest {

  private static final double TOLERANCE = 1e-5;
  private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

  @TempDir private Path folder;

  static Stream<Arguments> experiments() {
    return Stream.of(
        arguments("induction", List.of("--length", "8", "--sequences", "2")),
        arguments("embeddings", List.of("--sample", "50")),
        arguments("lens", List.of(PROMPT)),
        arguments("ablate-mlps", List.of("--size", "4")));
  }

  private CommandLineRun run(String command, List<String> args) {
    List<String> all = new ArrayList<>(args);
    all.addAll(List.of("--out", folder.toString()));
    return CommandLineRun.on("ioi-demo", command, all.toArray(String[]::new));
  }

  /** Returns one result out of what a command printed as JSON. */
  private static Json array(Json document, String name) {
    return document.get("arrays").items().stream()
        .filter(array -> name.equals(array.get("name").value()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no result " + name))
        .get("values");
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void theFilesAndTheJsonHoldTheSame(String command, List<String> args) throws IOException {
    List<String> withJson = new ArrayList<>(args);
    withJson.add("--json");
    CommandLineRun run = run(command, withJson);

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    Json printed = Json.parse(run.out());
    Json written = Json.parse(Files.readString(folder.resolve(command + ".json")));
    assertThat(printed.get("complete").value()).isEqualTo(true);
    assertThat(printed.get("arrays").items().stream().map(a -> a.get("values").numbers()))
        .containsExactlyElementsOf(
            written.get("arrays").items().stream().map(a -> a.get("values").numbers()).toList());
    assertThat(Files.readString(folder.resolve(command + ".html")))
        .contains("ioi-demo", "weight processing", "</html>")
        .doesNotContain("http://", "https://");
    long values =
        written.get("arrays").items().stream()
            .mapToLong(array -> array.get("values").numbers().length)
            .sum();
    assertThat(Files.readAllLines(folder.resolve(command + ".csv"))).hasSize((int) values + 1);
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void theTerminalGetsTheModelAndTheFiles(String command, List<String> args) {
    CommandLineRun run = run(command, args);

    assertThat(run.out())
        .startsWith("model              ioi-demo\n")
        .contains("wrote " + folder.resolve(command + ".html"));
    assertThat(run(command, Stream.concat(args.stream(), Stream.of("--quiet")).toList()).out())
        .isEmpty();
  }

  @Test
  void inductionGivesTheScoresOfTheLibrary() throws IOException {
    Json document = Json.parse(run("induction", List.of("--json", "--seed", "4")).out());
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      HeadScores expected =
          HeadScores.of(model, RepeatedTokens.defaults(model.config()).withSeed(4));

      for (HeadType type : HeadType.values()) {
        assertThat(array(document, type + " score").numbers())
            .containsExactly(expected.of(type).values(), within(TOLERANCE));
      }
    }
    assertThat(document.get("facts").get("tokens").value())
        .isEqualTo("31 random tokens said twice, sequences: 10, seed: 4, bos: none");
    assertThat(document.get("facts").get("heads ablated").value())
        .isEqualTo("no head has an induction score of 0.3: the 4 highest");
    assertThat(ImageIO.read(folder.resolve("induction.png").toFile())).isNotNull();
  }

  @Test
  void inductionAblatesTheHeadsThatAreNamed() {
    Json document =
        Json.parse(
            run("induction", List.of("--json", "--length", "6", "--heads", "1.3,0.2")).out());

    Json effects =
        document.get("arrays").items().stream()
            .filter(array -> "rise of the loss when ablated".equals(array.get("name").value()))
            .findFirst()
            .orElseThrow();
    assertThat(effects.get("axes").items().get(0).get("labels").items())
        .extracting(Json::value)
        .containsExactly("L1H3", "L0H2");
  }

  @Test
  void embeddingsGivesTheStatisticsOfTheEngine() throws IOException {
    Json document = Json.parse(run("embeddings", List.of("--json")).out());
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      EmbeddingStatistics expected = EmbeddingStatistics.of(model.engine().weights().wE());
      double[] ofWE = array(document, "geometry of the embeddings").items().get(0).numbers();

      assertThat(ofWE[0]).isEqualTo(1036);
      assertThat(ofWE[2])
          .isCloseTo(
              Arrays.stream(expected.norms().toDoubleVector()).average().orElseThrow(),
              within(TOLERANCE));
      assertThat(ofWE[5]).isCloseTo(expected.meanCosine(), within(TOLERANCE));
      assertThat(ofWE[6]).isCloseTo(expected.meanCosineCentred(), within(TOLERANCE));
    }
  }

  @Test
  void lensShowsTheModelsAnswerInItsLastState() {
    CommandLineRun run = run("lens", List.of(PROMPT));

    // What `prompt` gives for the same text: see the guide.
    assertThat(run.out().lines().filter(line -> line.startsWith("14: ' to'")))
        .hasSize(2)
        .allMatch(line -> line.endsWith("\" Mary\" 80%"));
  }

  @Test
  void ablateMlpsMeasuresTheLossOfAText() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), (PROMPT + " Mary. ").repeat(5));
    CommandLineRun run =
        run("ablate-mlps", List.of("--text", text.toString(), "--ablation", "zero", "--json"));

    double[] losses = array(Json.parse(run.out()), "behaviour without MLPs").numbers();
    // Nothing, four MLPs, all, all but the first.
    assertThat(losses).hasSize(7);
    assertThat(Arrays.stream(losses)).allMatch(loss -> loss > 0);
    assertThat(losses[5]).isGreaterThan(losses[0]);
  }

  static Stream<Arguments> wrongInput() {
    return Stream.of(
        arguments("length (1) must be at least 2", "induction", List.of("--length", "1")),
        arguments(
            "33 tokens said twice do not fit: ioi-demo has 64 positions",
            "induction",
            List.of("--length", "33")),
        arguments("sequences (0) must be positive", "induction", List.of("--sequences", "0")),
        arguments(
            "head 8 is out of range: ioi-demo has heads 0 to 7",
            "induction",
            List.of("--heads", "1.8")),
        arguments("'5' is no head", "induction", List.of("--heads", "5")),
        arguments("--sample must be 2 to 5000, not 1", "embeddings", List.of("--sample", "1")),
        arguments("no prompt: give a text", "lens", List.of()),
        arguments("--top must be 1 to 100, not 0", "lens", List.of("a", "--top", "0")),
        arguments(
            "prompt 1 has 81 tokens: ioi-demo sees at most 64",
            "lens",
            List.of(" Mary".repeat(80))),
        arguments("--size must be 1 to 2000, not 0", "ablate-mlps", List.of("--size", "0")),
        arguments("there is no file", "ablate-mlps", List.of("--text", "/no/such/text")),
        arguments(
            "Invalid value for option '--ablation'",
            "ablate-mlps",
            List.of("--ablation", "resample")));
  }

  @ParameterizedTest
  @MethodSource("wrongInput")
  void wrongInputIsRefusedAndNothingWritten(String message, String command, List<String> args)
      throws IOException {
    CommandLineRun run = run(command, args);

    assertThat(run.err()).startsWith("headlamp: ").contains(message).hasLineCount(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(2);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aModelWithoutTokenizerHasInductionHeadsAndNoIoiPrompts() {
    CommandLineRun scored =
        CommandLineRun.on("tiny", "induction", "--length", "3", "--out", folder.toString());
    assertThat(scored.err()).isEmpty();
    assertThat(scored.status()).isZero();
    CommandLineRun refused = CommandLineRun.on("tiny", "ablate-mlps", "--out", folder.toString());
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("tiny has no tokenizer");
  }
}
