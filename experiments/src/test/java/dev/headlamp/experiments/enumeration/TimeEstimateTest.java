package dev.headlamp.experiments.enumeration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.experiments.enumeration.TimeEstimate.Timed;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeEstimateTest {

  @TempDir private Path folder;

  @Test
  void aBlockAndATokenAreToldApart() {
    // 0.1 s for a block, 2 ms for a token.
    TimeEstimate estimate =
        TimeEstimate.fitted(List.of(new Timed(10, 0.12), new Timed(100, 0.3), new Timed(200, 0.5)));
    assertThat(estimate.secondsPerBlock()).isCloseTo(0.1, within(1e-9));
    assertThat(estimate.secondsPerToken()).isCloseTo(0.002, within(1e-9));
  }

  @Test
  void blocksOfOneSizeAndOddTimesGiveNothingBelowZero() {
    TimeEstimate alike = TimeEstimate.fitted(List.of(new Timed(10, 0.2), new Timed(10, 0.4)));
    assertThat(alike.secondsPerBlock()).isCloseTo(0, within(1e-9));
    assertThat(alike.secondsPerToken()).isCloseTo(0.03, within(1e-9));
    TimeEstimate falling = TimeEstimate.fitted(List.of(new Timed(10, 0.4), new Timed(20, 0.2)));
    assertThat(falling.secondsPerToken()).isZero();
    assertThat(falling.secondsPerBlock()).isCloseTo(0.3, within(1e-9));
    TimeEstimate steep = TimeEstimate.fitted(List.of(new Timed(10, 0.1), new Timed(20, 0.4)));
    assertThat(steep.secondsPerBlock()).isCloseTo(0, within(1e-9));
    assertThat(steep.secondsPerToken()).isCloseTo(0.5 / 30, within(1e-9));
  }

  /** As a model does: slow at first, and so long for a block and for a prompt. */
  @Test
  void theEstimateIsWithinAQuarterOfWhatTheRunTakes() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      PromptTokens prompts = PromptTokens.of(model, Spaces.small(), Bos.PREPEND);
      Enumerator enumerator = new Enumerator(prompts, new SleepingScorer());
      EnumerationHeader header = EnumerationHeader.of(model, prompts, Shard.whole());
      try (EnumerationFile file = EnumerationFile.resume(folder.resolve("rows"), header)) {
        Duration estimated =
            TimeEstimate.measure(enumerator, Duration.ofMillis(200)).ofRest(enumerator, file);
        long begin = System.nanoTime();
        enumerator.complete(file, EnumerationMonitor.NONE);
        double actual = (System.nanoTime() - begin) / 1e6;
        assertThat((double) estimated.toMillis()).isCloseTo(actual, Percentage.withPercentage(25));
      }
    }
  }

  private static final class SleepingScorer implements PromptScorer {

    private static final int COLD = 2;
    private static final int COLD_MILLIS = 100;
    private static final int BLOCK_MILLIS = 10;
    private static final int PROMPT_MILLIS = 1;

    private int calls;

    @Override
    public float[] score(List<ScoredPrompt> prompts) {
      try {
        Thread.sleep(
            BLOCK_MILLIS
                + (long) PROMPT_MILLIS * prompts.size()
                + (calls++ < COLD ? COLD_MILLIS : 0));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new float[prompts.size()];
    }

    @Override
    public long work(List<ScoredPrompt> prompts) {
      return prompts.size();
    }
  }
}
