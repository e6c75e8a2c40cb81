package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunCommandTest {

  private static final String PROMPT = "After Mary and John went to the store, John gave a ring to";

  @Test
  void greedyTakesTheTokenThatHuggingFaceFindsMostProbable() {
    long[] tokens = References.rows("ioi-demo", "reference.safetensors", "tokens").get(0);
    double[] logits = References.values("ioi-demo", "reference.safetensors", "f64.logits");
    int last = 14 * 1036;
    int best =
        IntStream.range(0, 1036)
            .boxed()
            .max(Comparator.comparingDouble(id -> logits[last + id]))
            .orElseThrow();
    CommandLineRun run =
        CommandLineRun.on(
            "ioi-demo", "run", "--tokens", References.typed(tokens), "-n", "1", "--json");
    assertThat(Json.parse(run.out()).get("prompts").items().get(0).get("new_tokens").numbers())
        .containsExactly(best);
  }

  @Test
  void theContinuationFollowsThePrompt() {
    CommandLineRun run = CommandLineRun.on("ioi-demo", "run", PROMPT, "-n", "1");
    assertThat(run.out()).isEqualTo("<|endoftext|>" + PROMPT + " Mary\n");
    assertThat(run.status()).isZero();
  }

  @Test
  void itStopsAtTheEndOfTheTextUnlessToldOtherwise() {
    assertThat(newTokens("--max-new-tokens", "30")).hasSizeLessThan(30).endsWith(1035);
    assertThat(newTokens("--max-new-tokens", "30", "--ignore-eos")).hasSize(30);
  }

  @Test
  void oneSeedDrawsOneContinuation() {
    double[] first = newTokens("-n", "8", "--temperature", "2", "--seed", "1", "--ignore-eos");
    assertThat(newTokens("-n", "8", "--temperature", "2", "--seed", "1", "--ignore-eos"))
        .containsExactly(first);
    assertThat(newTokens("-n", "8", "--temperature", "2", "--seed", "2", "--ignore-eos"))
        .isNotEqualTo(first);
  }

  private static double[] newTokens(String... options) {
    String[] args =
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of(PROMPT, "--json"), Arrays.stream(options))
            .toArray(String[]::new);
    return Json.parse(CommandLineRun.on("ioi-demo", "run", args).out())
        .get("prompts")
        .items()
        .get(0)
        .get("new_tokens")
        .numbers();
  }
}
