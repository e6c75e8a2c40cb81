package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitFile;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code headlamp ioi circuit}. */
class IoiCircuitCommandTest {

  private static final String CIRCUIT =
      """
      {"name": "two heads", "source": "a test", "classes": [
        {"role": "S-inhibition", "position": "END", "heads": ["0.2", "0.6"]},
        {"role": "name mover", "position": "END", "heads": ["1.1"]}]}
      """;

  @TempDir private Path folder;

  private CommandLineRun circuit(String... options) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "ioi",
                "circuit",
                "--model",
                Fixtures.model("ioi-demo").toString(),
                "--out",
                folder.toString()));
    all.addAll(Arrays.asList(options));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private String given() throws IOException {
    Path file = folder.resolve("given.json");
    Files.writeString(file, CIRCUIT);
    return file.toString();
  }

  @Test
  void everySectionOfAGivenCircuitIsWritten() throws IOException {
    CommandLineRun run =
        circuit("--circuit", given(), "--size", "16", "--random-sets", "2", "--greedy-runs", "1");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("two heads: 3 heads", "the circuit does", "largest difference", "seed", "BOS");
    String page = Files.readString(folder.resolve("ioi-circuit.html"));
    assertThat(page)
        .contains("Faithfulness", "Completeness", "Minimality", "Copy scores", "Adversarial")
        .doesNotContain("src=", "published F(C)");
    assertThat(ImageIO.read(folder.resolve("ioi-circuit.png").toFile())).isNotNull();
    assertThat(CircuitFile.read(folder.resolve("ioi-circuit-heads.json")))
        .isEqualTo(CircuitFile.read(folder.resolve("given.json")));
    Json json = Json.parse(Files.readString(folder.resolve("ioi-circuit.json")));
    assertThat(json.get("arrays").items())
        .extracting(array -> array.get("name").value())
        .contains(
            "2 into the queries of name movers at END",
            "faithfulness",
            "completeness",
            "minimality",
            "copy scores",
            "S-inhibition signals",
            "adversarial prompts");
  }

  @Test
  void oneSectionIsComputedAlone() throws IOException {
    CommandLineRun run =
        circuit("--circuit", given(), "--size", "8", "--only", "faithfulness", "--json");
    List<Json> arrays = Json.parse(run.out()).get("arrays").items();
    assertThat(arrays)
        .extracting(array -> array.get("name").value())
        .containsExactly("circuit", "faithfulness");
    double[][] values =
        arrays.get(1).get("values").items().stream().map(Json::numbers).toArray(double[][]::new);
    assertThat(values[3][0]).isEqualTo(Math.abs(values[0][0] - values[1][0]));
    assertThat(folder.resolve("ioi-circuit.png")).doesNotExist();
  }

  @Test
  void aQuestionThatACircuitHasNoHeadsForIsSaidToBeOne() throws IOException {
    Path file = folder.resolve("movers.json");
    Files.writeString(
        file,
        """
        {"name": "movers", "source": "a test", "classes": [
          {"role": "name mover", "position": "END", "heads": ["1.1"]}]}
        """);
    CommandLineRun run = circuit("--circuit", file.toString(), "--size", "4", "--only", "signals");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("the circuit has no S-inhibition heads");
  }

  @Test
  void aSectionThatCannotBeAskedCostsNoOther() throws IOException {
    // Seed 4 draws one prompt, of a template that has a comma before S2.
    CommandLineRun run =
        circuit(
            "--circuit",
            given(),
            "--size",
            "1",
            "--seed",
            "4",
            "--only",
            "faithfulness,adversarial");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("the circuit does")
        .contains("not computed: no prompt has a full stop before S2");
    assertThat(Files.readString(folder.resolve("ioi-circuit.csv"))).contains("faithfulness,F(M)");
  }

  @Test
  @Timeout(180)
  @DisabledOnOs(OS.WINDOWS)
  void aKilledStudyGoesOnWhereItWas() throws Exception {
    String[] options = {"--size", "12", "--only", "completeness", "--greedy-runs", "1"};
    Process killed = start(options);
    Path kept = null;
    while (kept == null || Files.readAllLines(kept).size() < 20) {
      Thread.sleep(20);
      kept = runs().isEmpty() ? null : runs().get(0);
    }
    killed.destroyForcibly().waitFor();
    long whole = Files.readString(kept).chars().filter(c -> c == '\n').count();

    CommandLineRun again = circuit(options);
    assertThat(again.err()).isEmpty();
    assertThat(again.status()).isZero();
    assertThat(again.out()).contains("runs there         " + whole + ", in " + kept);
    assertThat(runs()).isEmpty();
    String resumed = Files.readString(folder.resolve("ioi-circuit.csv"));
    circuit(options);
    assertThat(Files.readString(folder.resolve("ioi-circuit.csv"))).isEqualTo(resumed);
  }

  private List<Path> runs() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".runs")).toList();
    }
  }

  private Process start(String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                Headlamp.class.getName(),
                "ioi",
                "circuit",
                "--model",
                Fixtures.model("ioi-demo").toString(),
                "--out",
                folder.toString()));
    command.addAll(List.of(options));
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void aProposedCircuitIsWrittenAndCanBeGivenAgain() throws IOException {
    circuit("--size", "12", "--only", "faithfulness", "--target", "0.3");
    Path written = folder.resolve("ioi-circuit-heads.json");
    Circuit proposed = CircuitFile.read(written);
    assertThat(proposed.heads()).hasSizeBetween(1, 16);
    String first = Files.readString(folder.resolve("ioi-circuit.csv"));
    assertThat(first).contains("proposal,+ ");
    Path again = Files.copy(written, folder.resolve("again.json"));
    circuit("--size", "12", "--only", "faithfulness", "--circuit", again.toString());
    assertThat(Files.readString(folder.resolve("ioi-circuit.csv")).lines().skip(1).toList())
        .isNotEmpty()
        .allMatch(row -> values(first).contains(row.substring(row.lastIndexOf(',') + 1)));
  }

  private static List<String> values(String csv) {
    return csv.lines().map(row -> row.substring(row.lastIndexOf(',') + 1)).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --only=everything     | unknown section 'everything'
          --size=0              | --size must be 1 to 10000, not 0
          --target=2            | 2.0
          --least-effect=0      | must be positive
          --greedy-steps=0      | greedy search
          --random-sets=-1      | random sets (-1)
          --circuit=paper       | out of range
          --circuit=nowhere.json| nowhere.json
          """)
  void wrongInputIsRefusedBeforeAnythingIsComputed(String option, String message) {
    CommandLineRun run = circuit(option);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).startsWith("headlamp: ").contains(message).hasLineCount(1);
    assertThat(folder.resolve("ioi-circuit.csv")).doesNotExist();
  }

  @Test
  void aModelWithoutATokenizerIsRefused() {
    CommandLineRun run =
        CommandLineRun.of(
            "ioi",
            "circuit",
            "--model",
            Fixtures.model("tiny").toString(),
            "--out",
            folder.toString());
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("has no tokenizer");
  }
}
