package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code prompt} says against the logits that Hugging Face gives in float64. */
class PromptCommandTest {

  private static final int POSITIONS = 15;
  private static final int VOCABULARY = 1036;
  private static final double LOGIT = 1e-4;

  @Test
  @Tag("smoke")
  void rankLogitAndProbabilityAreThoseOfHuggingFace() {
    List<long[]> tokens = References.rows("ioi-demo", "reference.safetensors", "tokens");
    Json document =
        Json.parse(
            CommandLineRun.on(
                    "ioi-demo",
                    "prompt",
                    "--tokens",
                    References.typed(tokens.get(0)),
                    "--tokens",
                    References.typed(tokens.get(1)),
                    "--answer",
                    " Mary",
                    "--answer-token",
                    "0,1035",
                    "--json")
                .out());
    for (int prompt = 0; prompt < 2; prompt++) {
      double[] logits = lastLogits(prompt);
      Json result = document.get("prompts").items().get(prompt);
      assertThat(result.get("answers").items()).hasSize(3);
      result.get("answers").items().forEach(answer -> assertIsOf(logits, answer));
      assertThat(result.get("top").items()).hasSize(10);
      result.get("top").items().forEach(candidate -> assertIsOf(logits, candidate));
      assertThat(result.get("top").items().stream().map(c -> (int) c.get("rank").number()))
          .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
  }

  private static void assertIsOf(double[] logits, Json candidate) {
    double own = logits[(int) candidate.get("token").number()];
    double total = Arrays.stream(logits).map(Math::exp).sum();
    assertThat(candidate.get("logit").number()).isCloseTo(own, within(LOGIT));
    assertThat(candidate.get("probability").number())
        .isCloseTo(Math.exp(own) / total, within(LOGIT));
    assertThat(candidate.get("rank").number())
        .isEqualTo((double) Arrays.stream(logits).filter(logit -> logit > own).count());
  }

  private static double[] lastLogits(int prompt) {
    double[] all = References.values("ioi-demo", "reference.safetensors", "f64.logits");
    int from = (prompt * POSITIONS + POSITIONS - 1) * VOCABULARY;
    return Arrays.copyOfRange(all, from, from + VOCABULARY);
  }

  @Test
  void peopleGetATable() {
    CommandLineRun run =
        CommandLineRun.on(
            "ioi-demo",
            "prompt",
            "After Mary and John went to the store, John gave a ring to",
            "--answer",
            " Mary",
            "--top",
            "3");
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("<|endoftext|>|After| Mary| and| John| went|");
    assertThat(run.out().lines().filter(line -> line.startsWith("\" Mary\"")))
        .hasSize(2)
        .allMatch(line -> line.matches("\" Mary\" +\\d+ +0 +\\d+\\.\\d{3} +\\d+\\.\\d\\d %"));
  }

  @Test
  void anAnswerWithoutASpaceIsTakenAsItIsWithANote() {
    CommandLineRun run =
        CommandLineRun.on("ioi-demo", "prompt", "After Mary and", "--answer", "John", "--top", "0");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("\"John\"");
    assertThat(run.err())
        .isEqualTo(
            "headlamp: 'John' is taken without a space in front; within a text it is ' John'%n"
                .formatted());
  }

  @Test
  void withoutBosTheTextsOwnTokensAreRun() {
    CommandLineRun run = CommandLineRun.on("ioi-demo", "prompt", " Mary went", "--no-bos");
    assertThat(run.out()).startsWith(" Mary| went\n");
  }

  @Test
  void aModelWithoutTokenizerShowsNumbers() {
    CommandLineRun run =
        CommandLineRun.on("tiny", "prompt", "--tokens", "5,9,1", "--answer-token", "7");
    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("#5|#9|#1\n");
  }

  @Test
  void ablatingEveryHeadLeavesWhatTheMlpsSayOfTheLastTokenAlone() {
    String everyHead =
        String.join(
            ",", IntStream.range(0, 32).mapToObj(i -> i / 8 + "." + i % 8).toArray(String[]::new));
    String[] last = {"--no-bos", "--ablate", everyHead, "--json"};
    double[] first = topLogits(" Mary gave a ring to", last);
    double[] other = topLogits(" John had a ring to", last);
    assertThat(first).containsExactly(other, within(1e-4));
    assertThat(topLogits(" Mary gave a ring to", "--no-bos", "--json"))
        .isNotEqualTo(topLogits(" John had a ring to", "--no-bos", "--json"));
  }

  @Test
  void aFileOfInterventionsDoesWhatItSays(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("zero.json");
    Files.writeString(
        file,
        """
        {"format": "headlamp interventions", "version": 1,
         "model": {"name": "ioi-demo", "layers": 4, "heads": 8, "d_model": 128, "d_mlp": 512,
                   "d_vocab": 1036, "processing": "none"},
         "interventions": [{"point": "z0", "heads": [2, 6], "kind": "zero"}]}
        """);
    String prompt = "When Mary and John went to the store, John gave a drink to";
    double[] byFile = topLogits(prompt, "--interventions", file.toString(), "--json");
    assertThat(byFile).containsExactly(topLogits(prompt, "--ablate", "0.2,0.6", "--json"));
    assertThat(byFile).isNotEqualTo(topLogits(prompt, "--json"));

    Files.writeString(file, Files.readString(file).replace("\"z0\"", "\"z4\""));
    CommandLineRun wrong =
        CommandLineRun.on("ioi-demo", "prompt", prompt, "--interventions", file.toString());
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("interventions[0].point: no point 'z4': layer 4 is out of range");
  }

  private static double[] topLogits(String prompt, String... options) {
    String[] args =
        IntStream.rangeClosed(0, options.length)
            .mapToObj(i -> i == 0 ? prompt : options[i - 1])
            .toArray(String[]::new);
    return Json.parse(CommandLineRun.on("ioi-demo", "prompt", args).out())
        .get("prompts")
        .items()
        .get(0)
        .get("top")
        .items()
        .stream()
        .mapToDouble(candidate -> candidate.get("logit").number())
        .toArray();
  }
}
