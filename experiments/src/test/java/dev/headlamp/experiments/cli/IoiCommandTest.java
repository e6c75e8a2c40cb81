package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IoiCommandTest {

  @TempDir private Path folder;

  private CommandLineRun ioi(String experiment, String... options) {
    return on("ioi-demo", experiment, options);
  }

  private CommandLineRun on(String fixture, String experiment, String... options) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "ioi",
                experiment,
                "--model",
                Fixtures.model(fixture).toString(),
                "--out",
                folder.toString()));
    all.addAll(Arrays.asList(options));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  @Test
  void theExperimentsAreListed() {
    assertThat(CommandLineRun.of("ioi", "--help").out()).contains("dataset", "run", "log");
  }

  @Test
  void theDataSetIsWrittenAsTables() throws IOException {
    CommandLineRun run = ioi("dataset", "--size", "20", "--flips", "ABC,S2_TO_IO");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    List<String> csv = Files.readAllLines(folder.resolve("ioi-prompts.csv"));
    assertThat(csv).hasSize(21);
    assertThat(csv.get(0))
        .startsWith("prompt,template,form,text,io,s,place,object,io_token,s_token,tokens,")
        .endsWith(",pos_END,ABC_text,ABC_tokens,S2_TO_IO_text,S2_TO_IO_tokens");
    List<String> lines = Files.readAllLines(folder.resolve("ioi-prompts.jsonl"));
    assertThat(lines).hasSize(20);
    for (String line : lines) {
      Json json = Json.parse(line);
      double[] tokens = json.get("tokens").numbers();
      assertThat(tokens[(int) json.get("pos_S2").number()]).isEqualTo(json.get("s_token").number());
      assertThat(json.get("S2_TO_IO_tokens").numbers()[(int) json.get("pos_S2").number()])
          .isEqualTo(json.get("io_token").number());
      assertThat(json.get("pos_END").number()).isEqualTo(tokens.length - 1.0);
    }
    assertThat(ImageIO.read(folder.resolve("ioi-dataset.png").toFile())).isNotNull();
    assertThat(Files.readString(folder.resolve("ioi-dataset.html"))).contains("BOS");
  }

  @Test
  void oneSeedWritesOneDataSet() throws IOException {
    ioi("dataset", "--size", "5", "--seed", "3");
    String first = Files.readString(folder.resolve("ioi-prompts.csv"));
    ioi("dataset", "--size", "5", "--seed", "3");
    assertThat(Files.readString(folder.resolve("ioi-prompts.csv"))).isEqualTo(first);
    ioi("dataset", "--size", "5", "--seed", "4");
    assertThat(Files.readString(folder.resolve("ioi-prompts.csv"))).isNotEqualTo(first);
  }

  @Test
  void runMeasuresWhatIndependentRunsMeasure() {
    CommandLineRun small = ioi("run", "--size", "40", "--batch", "8", "--json");
    CommandLineRun large = ioi("run", "--size", "40", "--batch", "40", "--json");
    double[] means = Json.parse(small.out()).get("arrays").items().get(0).get("values").numbers();
    double[] others = Json.parse(large.out()).get("arrays").items().get(0).get("values").numbers();
    assertThat(means).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(means[i]).isCloseTo(others[i], within(1e-4));
    }
    assertThat(means[1]).isBetween(0.0, 1.0);
    assertThat(means[2]).isBetween(0.0, 1.0);
  }

  @Test
  void runWritesItsFiles() throws IOException {
    CommandLineRun run = ioi("run", "--size", "30");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("logit difference", "share with IO > S", "seed");
    assertThat(Files.readString(folder.resolve("ioi-run.html")))
        .contains("weight processing", "BOS", "seed");
    assertThat(Files.readAllLines(folder.resolve("ioi-run.csv"))).hasSizeGreaterThan(200);
  }

  @Test
  void theLogRanksEveryHead() throws IOException {
    CommandLineRun run = ioi("log", "--samples", "8", "--json");
    assertThat(run.err()).isEmpty();
    Json table = Json.parse(run.out()).get("arrays").items().get(0);
    assertThat(table.get("values").items()).hasSize(32);
    assertThat(table.get("values").items().get(0).numbers()).hasSize(7);
    assertThat(Files.readString(folder.resolve("ioi-log.html"))).contains("dp(Mary)");
  }

  @Test
  void unknownNamesAreListedOrLeftOut() {
    CommandLineRun refused = ioi("log", "--samples", "4", "--names", "Mary,Zarathustra");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .contains("\" Zarathustra\" are not single tokens of ioi-demo: --skip-unknown-names");
    CommandLineRun tiny = on("tiny", "run", "--size", "4");
    assertThat(tiny.status()).isEqualTo(2);
    assertThat(tiny.err()).contains("tiny has no tokenizer");
  }

  @Test
  void wrongNumbersAreRefused() {
    assertThat(ioi("run", "--size", "0").err())
        .isEqualTo("headlamp: --size must be 1 to 100000, not 0\n");
    assertThat(ioi("dataset", "--size", "100001").status()).isEqualTo(2);
    assertThat(ioi("run", "--batch", "0").err()).contains("--batch must be 1 to 4096, not 0");
    assertThat(ioi("log", "--template", "4").err()).contains("--template must be 1 to 3, not 4");
    assertThat(ioi("log", "--names", "Mary,Mary").err()).contains("two different names");
    assertThat(ioi("log", "--samples", "0").err()).contains("--samples must be 1 to 10000, not 0");
  }
}
