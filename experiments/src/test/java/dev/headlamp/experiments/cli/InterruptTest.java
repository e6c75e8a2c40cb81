package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class InterruptTest {

  /** So many runs that none of the machines this is tested on gets through them in a second. */
  private static final String LONG_SWEEP =
      "z,q,k,v,pattern,result,attn_scores,resid_pre,resid_mid,resid_post,mlp_out,attn_out";

  @TempDir private Path folder;

  @Test
  @Timeout(120)
  void whatIsDoneIsWrittenAndTheStatusIs130() throws IOException, InterruptedException {
    Process process = startSweep();
    List<String> printed = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        printed.add(line);
        if (line.contains("mean corrupted")) {
          interrupt(process);
        }
      }
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join("\n", printed)).isEqualTo(130);
    assertThat(printed).anyMatch(line -> line.startsWith("interrupted: "));
    assertThat(Files.readAllLines(folder.resolve("patching.csv")))
        .as("the header, and every cell of 7 sweeps by head and 5 by position, raw and normalised")
        .hasSize(1 + 2 * (7 * 32 + 5 * 16 * 4))
        .anyMatch(row -> row.endsWith(","));
    assertThat(Files.readString(folder.resolve("patching.html"))).contains("the rest is absent");
    assertThat(ImageIO.read(folder.resolve("patching.png").toFile())).isNotNull();
  }

  private Process startSweep() throws IOException {
    List<String> command = new ArrayList<>(defaultSignals());
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.awt.headless=true",
            "-cp",
            System.getProperty("java.class.path"),
            Headlamp.class.getName(),
            "patch",
            "--model",
            Fixtures.model("ioi-demo").toString(),
            "--pairs",
            "30",
            "--points",
            LONG_SWEEP,
            "--out",
            folder.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  /**
   * Returns what to put in front of a command that is to be interrupted: a shell's background jobs
   * ignore SIGINT, and so would what they start.
   */
  static List<String> defaultSignals() {
    return canResetSignals() ? List.of("env", "--default-signal=INT") : List.of();
  }

  private static boolean canResetSignals() {
    try {
      return new ProcessBuilder("env", "--default-signal=INT", "true").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void interrupt(Process process) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor())
        .isZero();
  }
}
