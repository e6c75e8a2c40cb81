package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.experiments.enumeration.StoredEnumeration;
import dev.headlamp.fixtures.Fixtures;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class EnumerateCommandTest {

  /** Two of the 1485 chunks of template and subject. */
  private static final List<String> SMALL_SHARD = List.of("--shard", "1/1000");

  private static final int ROWS_OF_CHUNK = 8 * 8 * 98;

  @TempDir private Path folder;

  @Test
  void aSampleIsToldInEveryForm() throws IOException {
    CommandLineRun run = enumerate("--sample", "300", "--csv", "--slice", "template=5", "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    Json json = Json.parse(run.out());
    assertThat(json.get("facts").get("sample").value()).isEqualTo("300 prompts, seed 1");
    List<String> rows = Files.readAllLines(folder.resolve("enumeration-sample.csv"));
    assertThat(rows).hasSize(301);
    double[] values =
        rows.stream()
            .skip(1)
            .mapToDouble(row -> Double.parseDouble(row.substring(row.lastIndexOf(',') + 1)))
            .toArray();
    List<Json> all = json.get("arrays").items().get(0).get("values").items().get(0).items();
    assertThat(all.get(0).number()).isEqualTo(300);
    assertThat(all.get(1).number())
        .isCloseTo(Arrays.stream(values).average().orElseThrow(), within(1e-6));
    assertThat(all.get(3).number())
        .isEqualTo((double) Arrays.stream(values).filter(v -> v < 0).count());
    long ofTemplate5 = rows.stream().filter(row -> row.startsWith("5,")).count();
    List<Json> slices = json.get("arrays").items().get(0).get("values").items();
    assertThat(slices.get(slices.size() - 1).items().get(0).number())
        .isEqualTo((double) ofTemplate5);
    assertThat(Files.readString(folder.resolve("enumeration-sample.html")))
        .contains("All IOI prompts: ioi-demo", "template=5", "300 prompts, seed 1");
    assertThat(Files.readAllLines(folder.resolve("enumeration-sample-means.csv")).get(0))
        .startsWith("condition,rows,mean,deviation,below zero");
    assertThat(ImageIO.read(folder.resolve("enumeration-sample.png").toFile())).isNotNull();
  }

  @Test
  void aShardIsComputedOnceAndGoneOnWithByTheSameRunOnly() throws IOException {
    CommandLineRun run = shard();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("0 of 12,544", "time ", "memory ");
    assertThat(run.status()).isZero();
    Path file = folder.resolve("enumeration-1-of-1000.rows");
    byte[] bytes = Files.readAllBytes(file);
    assertThat(present(file)).isEqualTo(2 * ROWS_OF_CHUNK);

    CommandLineRun again = shard();
    assertThat(again.out()).contains("12,544 of 12,544").doesNotContain("time ");
    assertThat(again.status()).isZero();
    assertThat(file).hasBinaryContent(bytes);

    CommandLineRun other = shard("--no-bos");
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err())
        .startsWith("headlamp: " + file + " is of another run: tokens-sha256: ")
        .contains("bos: PREPEND, not NONE");

    CommandLineRun merge =
        CommandLineRun.of("ioi", "merge", file.toString(), "--out", folder.toString());
    assertThat(merge.status()).isEqualTo(2);
    assertThat(merge.err()).startsWith("headlamp: no file has template 1, S Christopher: ");
  }

  private CommandLineRun shard(String... more) {
    List<String> args = new ArrayList<>(SMALL_SHARD);
    args.addAll(List.of(more));
    return enumerate(args.toArray(String[]::new));
  }

  @Test
  void wrongInputIsRefusedBeforeAnythingIsComputed() {
    assertRefused("--sample must be 1 or more, not 0", "--sample", "0");
    assertRefused("'2' is no shard: write it like 2/5", "--shard", "2");
    assertRefused("shard 3/2 does not exist", "--shard", "3/2");
    assertRefused("cannot be given together", "--shard", "1/2", "--sample", "9");
    assertRefused("there is no S 'Nobody'", "--sample", "9", "--slice", "S=Nobody");
  }

  private void assertRefused(String reason, String... args) {
    CommandLineRun run = enumerate(args);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).startsWith("headlamp: ").contains(reason);
    assertThat(run.out()).isEmpty();
    assertThat(folder.resolve("enumeration.rows")).doesNotExist();
  }

  @Test
  void aModelWithoutTokenizerIsRefused() {
    CommandLineRun run =
        CommandLineRun.of(
            "ioi",
            "enumerate",
            "--model",
            Fixtures.model("tiny").toString(),
            "--out",
            folder.toString());
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("tiny has no tokenizer");
  }

  @Test
  void aFileThatIsNoneCannotBeMerged() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "no enumeration, but long enough");
    CommandLineRun run =
        CommandLineRun.of("ioi", "merge", text.toString(), "--out", folder.toString());
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "headlamp: " + text + " cannot be read as an enumeration: it is no enumeration\n");
  }

  private CommandLineRun enumerate(String... args) {
    List<String> all = new ArrayList<>(List.of("ioi", "enumerate"));
    all.addAll(List.of("--model", Fixtures.model("ioi-demo").toString()));
    all.addAll(List.of("--out", folder.toString()));
    all.addAll(List.of(args));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static int present(Path file) throws IOException {
    int present = 0;
    for (float value : StoredEnumeration.read(file).rows().values()) {
      present += Float.isNaN(value) ? 0 : 1;
    }
    return present;
  }

  @Test
  @Timeout(180)
  @DisabledOnOs(OS.WINDOWS)
  void whatIsWrittenOutlivesKillAndCtrlC() throws Exception {
    Path file = folder.resolve("enumeration.rows");
    Process killed = start();
    awaitChunks(file, 2);
    killed.destroyForcibly().waitFor();
    float[] before = StoredEnumeration.read(file).rows().values();
    int rowsBefore = present(file);
    assertThat(rowsBefore).isGreaterThanOrEqualTo(2 * ROWS_OF_CHUNK);

    Process second = start();
    awaitChunks(file, rowsBefore / ROWS_OF_CHUNK + 1);
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(second.pid())).start().waitFor())
        .isZero();
    List<String> printed = linesOf(second);
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).as(String.join("\n", printed)).isEqualTo(130);
    int rowsAfter = present(file);
    assertThat(printed)
        .anyMatch(line -> line.contains("%,d of 9,313,920 in ".formatted(rowsBefore)))
        .anyMatch(line -> line.startsWith("interrupted: %,d of ".formatted(rowsAfter)));
    float[] after = StoredEnumeration.read(file).rows().values();
    for (int row = 0; row < before.length; row++) {
      if (!Float.isNaN(before[row])) {
        assertThat(after[row]).isEqualTo(before[row]);
      }
    }
    assertThat(rowsAfter).isGreaterThan(rowsBefore);
  }

  private static List<String> linesOf(Process process) throws IOException {
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      return out.lines().toList();
    }
  }

  private static void awaitChunks(Path file, int chunks) throws Exception {
    while (!Files.exists(file) || present(file) < chunks * ROWS_OF_CHUNK) {
      Thread.sleep(200);
    }
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>(InterruptTest.defaultSignals());
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.awt.headless=true",
            "-cp",
            System.getProperty("java.class.path"),
            Headlamp.class.getName(),
            "ioi",
            "enumerate",
            "--model",
            Fixtures.model("ioi-demo").toString(),
            "--out",
            folder.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }
}
