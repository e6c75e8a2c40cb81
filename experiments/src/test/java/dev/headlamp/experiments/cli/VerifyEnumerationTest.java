package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.experiments.enumeration.EnumerationFile;
import dev.headlamp.experiments.enumeration.EnumerationHeader;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.PromptTokens;
import dev.headlamp.experiments.enumeration.Shard;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stand-in for a finished enumeration of the demo model: 3 in every row but 1000, there -2. */
class VerifyEnumerationTest {

  private static final int ROWS = 9_313_920;
  private static final int CHUNKS = 15 * 99;
  private static final int FAILURES = 1000;

  @TempDir private static Path folder;

  private static Path finished = Path.of("finished");

  @BeforeAll
  static void writeTheStandIn() throws IOException {
    finished = folder.resolve("finished.rows");
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      PromptTokens prompts = PromptTokens.of(model, PromptSpace.standard(), Bos.PREPEND);
      EnumerationFile.resume(finished, EnumerationHeader.of(model, prompts, Shard.whole())).close();
    }
    byte[] bytes = Files.readAllBytes(finished);
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.position(bytes.length - 4 * ROWS - CHUNKS);
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      file.put((byte) 1);
    }
    for (int row = 0; row < ROWS; row++) {
      file.putFloat(row % 5 == 0 && row < 5 * FAILURES ? -2 : 3);
    }
    Files.write(finished, bytes);
  }

  @Test
  void theFiguresOfTheFileAreComparedWithThePublishedOnes() throws IOException {
    CommandLineRun run =
        CommandLineRun.on(
            "ioi-demo",
            "verify",
            "--figures",
            figures(3 - 5.0 * FAILURES / ROWS).toString(),
            "--enumeration",
            finished.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern("pass +mean logit difference of all IOI prompts")
        .contains("expected 1000, measured 1000")
        .endsWith("9 pass, 0 miss, 0 not run\n");
    assertThat(run.status()).isZero();
  }

  @Test
  void withoutTheFileItSaysHowToMakeIt() throws IOException {
    CommandLineRun run =
        CommandLineRun.on("ioi-demo", "verify", "--figures", figures(3).toString());
    assertThat(run.out())
        .contains("give --enumeration FILE made by `headlamp ioi enumerate`")
        .endsWith("6 pass, 0 miss, 3 not run\n");
  }

  @Test
  void aFileThatCannotServeIsRefused() throws IOException {
    Path missing = folder.resolve("missing.rows");
    CommandLineRun none =
        CommandLineRun.on(
            "ioi-demo",
            "verify",
            "--figures",
            figures(3).toString(),
            "--enumeration",
            missing.toString());
    assertThat(none.err()).isEqualTo("headlamp: there is no file " + missing + "\n");
    assertThat(none.status()).isEqualTo(2);
    CommandLineRun unpublished =
        CommandLineRun.on("tiny", "verify", "--enumeration", finished.toString());
    assertThat(unpublished.err())
        .isEqualTo(
            "headlamp: --enumeration: nothing is known that was published of all IOI prompts on"
                + " tiny\n");
    assertThat(unpublished.status()).isEqualTo(2);
  }

  /** Writes what is published, the mean being {@code mean}. */
  private static Path figures(double mean) throws IOException {
    double share = (double) FAILURES / ROWS;
    return Files.writeString(
        folder.resolve("figures.json"),
        """
        {"prompt_sets": {},
         "checks": [
          {"models": ["ioi-demo"], "source": "the stand-in", "kind": "enumeration",
           "mean": {"value": %s, "tolerance": 1e-6},
           "deviation": {"value": %s, "tolerance": 1e-6},
           "below_zero": {"value": %d, "tolerance": 0}}]}
        """
            .formatted(mean, 5 * Math.sqrt(share * (1 - share)), FAILURES));
  }
}
