package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stand-in for a model with published figures: the demo model, and what Hugging Face's GPT-2 and
 * TransformerLens computed on it.
 */
class VerifyCommandTest {

  private static final int VOCABULARY = 1036;

  /** The first prompt of the reference, without the BOS that it begins with. */
  private static String prompt = "";

  private static String answer = "";
  private static double logit;
  private static double probability;
  private static double meanLogit;
  private static double loss;
  private static String pairs = "";
  private static double[] differences = {};

  @TempDir private Path folder;

  @BeforeAll
  static void takeTheFiguresFromTheReferences() throws IOException {
    long[] tokens = References.rows("ioi-demo", "reference.safetensors", "tokens").get(0);
    double[] logits = References.values("ioi-demo", "reference.safetensors", "f64.logits");
    double[][] rows = new double[tokens.length][];
    for (int pos = 0; pos < rows.length; pos++) {
      rows[pos] = Arrays.copyOfRange(logits, pos * VOCABULARY, (pos + 1) * VOCABULARY);
    }
    double[] last = rows[rows.length - 1];
    logit = Arrays.stream(last).max().orElseThrow();
    meanLogit = Arrays.stream(last).average().orElseThrow();
    probability = Math.exp(logit - logSumExp(last));
    int best = 0;
    for (int token = 0; token < VOCABULARY; token++) {
      best = last[token] == logit ? token : best;
    }
    for (int pos = 0; pos + 1 < rows.length; pos++) {
      double surprise = logSumExp(rows[pos]) - rows[pos][(int) tokens[pos + 1]];
      loss += surprise / (rows.length - 1);
    }
    try (Tokenizer tokenizer = Tokenizer.load(Fixtures.model("ioi-demo"))) {
      prompt = textOf(tokenizer, tokens);
      answer = tokenizer.toText(best);
      pairs = pairs(tokenizer);
    }
    differences = References.values("ioi-demo", "patching.safetensors", "logit_difference.clean");
  }

  private static double logSumExp(double[] row) {
    return Math.log(Arrays.stream(row).map(Math::exp).sum());
  }

  private static String textOf(Tokenizer tokenizer, long[] tokens) {
    int[] ids = Arrays.stream(tokens).mapToInt(Math::toIntExact).toArray();
    assertThat(ids[0]).isEqualTo(tokenizer.bosId());
    String text = tokenizer.toText(Arrays.copyOfRange(ids, 1, ids.length));
    assertThat(tokenizer.toTokens(text, Bos.PREPEND)).isEqualTo(ids);
    return text;
  }

  /** Returns the prompts of the patching reference as a prompt set. */
  private static String pairs(Tokenizer tokenizer) {
    List<long[]> prompts = References.rows("ioi-demo", "patching.safetensors", "tokens.clean");
    List<long[]> answers = References.rows("ioi-demo", "patching.safetensors", "answers");
    StringBuilder json = new StringBuilder();
    for (int i = 0; i < prompts.size(); i++) {
      json.append(json.isEmpty() ? "" : ", ")
          .append(
              "{\"prompt\": \"%s\", \"answer\": \"%s\", \"wrong\": \"%s\"}"
                  .formatted(
                      textOf(tokenizer, prompts.get(i)),
                      tokenizer.toText((int) answers.get(i)[0]),
                      tokenizer.toText((int) answers.get(i)[1])));
    }
    return json.toString();
  }

  @Test
  void aModelThatKeepsToItsFiguresPassesWithStatus0() throws IOException {
    CommandLineRun run = verify(figures(0));
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("Expected by the fixture")
        .containsPattern("pass +rank of \"" + answer)
        .containsPattern("pass +probability of \"" + answer)
        .contains("expected 0, measured 0")
        .contains("Expected by the model itself")
        .endsWith("16 pass, 0 miss, 0 not run\n");
    assertThat(run.status()).isZero();
  }

  @Test
  void aWrongFigureIsAMissWithStatus1() throws IOException {
    CommandLineRun run = verify(figures(0.01));
    assertThat(run.out())
        .containsPattern("«miss +» logit of \"" + answer)
        .endsWith("15 pass, 1 miss, 0 not run\n");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isEqualTo(1);
  }

  @Test
  void oneDocumentHoldsEveryFigure() throws IOException {
    CommandLineRun run = verify(figures(0.01), "--json");
    Json json = Json.parse(run.out());
    assertThat(json.get("facts").get("model").value()).isEqualTo("ioi-demo");
    List<Json> checks = json.get("checks").items();
    assertThat(checks).hasSize(16);
    Json rank = checks.get(0);
    assertThat(rank.get("source").value()).isEqualTo("the fixture");
    assertThat(rank.get("verdict").value()).isEqualTo("pass");
    assertThat(rank.get("expected").number()).isZero();
    assertThat(rank.get("measured").number()).isZero();
    assertThat(rank.get("tolerance").number()).isZero();
    assertThat(checks.get(1).get("verdict").value()).isEqualTo("miss");
    assertThat(run.status()).isEqualTo(1);
  }

  @Test
  void aModelWithoutTokenizerAndFiguresIsCheckedAgainstItself() {
    CommandLineRun run = CommandLineRun.on("tiny", "verify");
    assertThat(run.out())
        .contains("No figures are known that were published of tiny.")
        .endsWith("6 pass, 0 miss, 0 not run\n");
    assertThat(run.status()).isZero();
  }

  @Test
  void figuresInTextAreAMissForAModelWithoutTokenizer() {
    CommandLineRun run = CommandLineRun.on("tiny", "verify", "--figures-of", "gpt2");
    assertThat(run.out()).contains("tiny has no tokenizer");
    assertThat(run.status()).isEqualTo(1);
  }

  @Test
  void aFileOfFiguresThatCannotBeReadIsRefused() {
    Path missing = folder.resolve("none.json");
    CommandLineRun run = CommandLineRun.on("tiny", "verify", "--figures", missing.toString());
    assertThat(run.err()).isEqualTo("headlamp: there is no file " + missing + "\n");
    assertThat(run.status()).isEqualTo(2);
  }

  private static CommandLineRun verify(Path figures, String... more) {
    String[] args = Arrays.copyOf(new String[] {"--figures", figures.toString()}, 2 + more.length);
    System.arraycopy(more, 0, args, 2, more.length);
    return CommandLineRun.on("ioi-demo", "verify", args);
  }

  /** Writes the figures, the logit being wrong by {@code error}. */
  private Path figures(double error) throws IOException {
    String json =
        """
        {"prompt_sets": {"pairs": [%s]},
         "checks": [
          {"models": ["ioi-demo"], "source": "the fixture", "kind": "next_token",
           "prompt": "%s", "bos": true,
           "tokens": [{"token": "%s", "rank": 0, "logit": %s, "logit_tolerance": 1e-3,
             "centred_logit": %s, "centred_logit_tolerance": 1e-3,
             "probability": %s, "probability_tolerance": 1e-4}]},
          {"models": ["ioi-demo"], "source": "the fixture", "kind": "logit_difference",
           "prompts": "pairs", "bos": true, "each": %s, "mean": %s, "tolerance": 1e-3},
          {"models": ["ioi-demo"], "source": "the fixture", "kind": "loss",
           "text": "%s", "bos": true, "loss": %s, "tolerance": 1e-4},
          {"models": ["somebody-else"], "source": "the fixture", "kind": "loss",
           "text": "a", "bos": true, "loss": 0, "tolerance": 0}]}
        """
            .formatted(
                pairs,
                prompt,
                answer,
                logit + error,
                logit - meanLogit,
                probability,
                Arrays.toString(differences),
                Arrays.stream(differences).average().orElseThrow(),
                prompt,
                loss);
    return Files.writeString(folder.resolve("figures.json"), json);
  }
}
