package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Published figures on the pages of experiments. The demo model stands in for models that were
 * written about: it is put into a folder of their name, which is all that reports know them by.
 */
class PublishedFiguresTest {

  @TempDir private Path folder;

  static Stream<Arguments> published() {
    return Stream.of(
        arguments("gpt2", "ioi run --size 8", "ioi-run", List.of("3.56", "99.3 %", "49 %")),
        arguments(
            "gpt2",
            "ioi log --samples 4",
            "ioi-log",
            List.of("0.1395", "0.2691", "-0.5275", "expected 0.66 ± 0.015")),
        arguments("gpt2", "ioi course", "ioi-course", List.of("expected 3.337", "expected -3.552")),
        arguments(
            "gpt2",
            "ioi circuit --size 15 --circuit proposed --only signals,adversarial",
            "ioi-circuit",
            List.of("published position original", "1.230", "2.310", "3.570")),
        arguments("gpt2", "ioi enumerate --sample 64", "enumeration-sample", SLICES),
        arguments(
            "gpt2-medium", "ioi enumerate --sample 64", "enumeration-sample", List.of("4,143")),
        arguments(
            "gpt2-large",
            "ioi enumerate --sample 64",
            "enumeration-sample",
            List.of("5,986", "S=Paul", "3.3450")),
        arguments("gpt2", "embeddings --sample 9", "embeddings", List.of("expected 0.225")),
        arguments("gpt-neo-125M", "embeddings --sample 9", "embeddings", List.of("expected 0.96")),
        arguments(
            "gpt2",
            "induction --length 6 --sequences 1",
            "induction",
            List.of("heads on 100 random tokens said twice")),
        arguments(
            "gpt-neo-125M",
            "induction --length 6 --sequences 1",
            "induction",
            List.of("ablations on 10 random tokens said twice")),
        arguments("gpt2", "ablate-mlps --size 8", "ablate-mlps", List.of("3.56", "-1.1")));
  }

  private static final List<String> SLICES =
      List.of("125,583", "S=Lisa, IO=Katie", "0.0178", "1.7990", "1.3600", "-4.7200", "6.5010");

  @ParameterizedTest
  @MethodSource("published")
  void theyStandBesideOursForTheModelThatIsLoaded(
      String model, String command, String name, List<String> figures) throws IOException {
    String page = page(named(model), command, name);
    assertThat(page).contains(figures);
  }

  @Test
  void theyAreNotShownForAnotherModel() throws IOException {
    String page =
        page(Fixtures.model("ioi-demo"), "ioi enumerate --sample 64", "enumeration-sample");
    assertThat(page).contains("All IOI prompts: ioi-demo").doesNotContain("125,583", "S=Lisa, IO");
  }

  private String page(Path model, String command, String name) throws IOException {
    List<String> all = new ArrayList<>(List.of(command.split(" ")));
    all.addAll(List.of("--model", model.toString(), "--out", folder.toString()));
    CommandLineRun run = CommandLineRun.of(all.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return Files.readString(folder.resolve(name + ".html"));
  }

  private Path named(String name) throws IOException {
    Path named = Files.createDirectory(folder.resolve(name));
    for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(Fixtures.model("ioi-demo").resolve(file), named.resolve(file));
    }
    return named;
  }
}
