package dev.headlamp.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command on the smallest model; nothing is said of its times. */
class BenchTest {

  @TempDir private Path folder;

  @Test
  void theQuickRunMakesTheWholeTable() throws IOException {
    String out = run("--quick", "--out", folder.toString());
    assertThat(out)
        .contains("plain forward, all logits, 32×16", "hook points", "run with cache")
        .contains("generation with key-value cache", "pattern, B, a stratified sixteenth")
        .contains("22731 distinct of 135168 tokens", "loading", "forward by width", "ND4J mmuli");
    assertThat(out).contains("not judged", "Everything ran").doesNotContain("| miss |", "| pass |");
    assertThat(Files.readString(folder.resolve("table.json"))).contains("\"verdict\"");
    assertThat(Files.readString(folder.resolve("jmh.json"))).contains("SweepBenchmark.sweep");
    assertThat(Files.readAllBytes(folder.resolve("cost-of-size.png")))
        .startsWith(0x89, 'P', 'N', 'G');
  }

  @Test
  void anUnknownTopicIsRefusedWithTheOnesThereAre() {
    CommandLine command = Bench.commandLine();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    command.setErr(new java.io.PrintWriter(err, true, StandardCharsets.UTF_8));
    assertThat(command.execute("--only", "forwards")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("there is no topic \"forwards\"", "generation", "see headlamp bench --help")
        .hasLineCount(1);
  }

  private static String run(String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      assertThat(new CommandLine(new Bench()).execute(arguments)).isZero();
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
