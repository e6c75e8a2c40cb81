package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.hooks.report.ColorMode;
import dev.headlamp.weights.hub.DownloadNotice;
import dev.headlamp.weights.hub.DownloadProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DownloadBarTest {

  private static final DownloadProgress HALF =
      new DownloadProgress(
          "gpt2", "model.safetensors", 200_000_000, 400_000_000, 274_000_000, 548_000_000, 1e7);

  private static final DownloadNotice RETRY =
      new DownloadNotice.Retry(
          "downloading model.safetensors",
          "huggingface.co answers 503",
          Duration.ofSeconds(4),
          2,
          5);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void whereSomebodyWatchesItShowsTheShareTheBytesAndTheRate() {
    show(true);
    assertThat(err.toString(UTF_8)).contains("50%", "274/548 MB", "MB/s", "model.safetensors");
    assertThat(out.size()).isZero();
  }

  @Test
  void whereNobodyWatchesItShowsNothing() {
    show(false);
    assertThat(err.size()).isZero();
    assertThat(out.size()).isZero();
  }

  @Test
  void aNoticeStandsOnALineOfItsOwnUnderTheBarAndTheBarGoesOnBelow() {
    show(true, RETRY);
    assertThat(err.toString(UTF_8).split(System.lineSeparator()))
        .satisfiesExactly(
            line -> assertThat(line).contains("50%"),
            line -> assertThat(line).isEqualTo("headlamp: " + RETRY.message()),
            line -> assertThat(line).contains("50%"));
    assertThat(out.size()).isZero();
  }

  @Test
  void whereNobodyWatchesANoticeIsStillWritten() {
    show(false, RETRY);
    assertThat(err.toString(UTF_8))
        .isEqualTo(
            "headlamp: downloading model.safetensors failed (huggingface.co answers 503),"
                + " trying again in 4 s (try 2 of 5)"
                + System.lineSeparator());
  }

  private void show(boolean watched, DownloadNotice... notices) {
    Terminal terminal =
        new Terminal(
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            ColorMode.NONE,
            120,
            watched);
    try (DownloadBar bar = new DownloadBar(terminal)) {
      bar.progressed(HALF);
      for (DownloadNotice notice : notices) {
        bar.noticed(notice);
        bar.progressed(HALF);
      }
    }
  }
}
