package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.hooks.SweepMonitor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkEstimateTest {

  @ParameterizedTest
  @CsvSource({"4.4, 4 s", "99, 99 s", "120, 2 min", "5400, 90 min", "9000, 2.5 h"})
  void durationsAreToldInTheUnitThatSuitsThem(double seconds, String words) {
    assertThat(WorkEstimate.words(seconds)).isEqualTo(words);
  }

  @Test
  void onlyWorkThatTakesMoreThanSecondsIsAnnouncedAndOnlyOnce() throws InterruptedException {
    assertThat(saidOf(2)).isEmpty();
    assertThat(saidOf(1_000_000)).containsOnlyOnce("estimate").contains("about").contains("MB");
  }

  private static String saidOf(long steps) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, UTF_8);
    WorkEstimate estimate = new WorkEstimate(SweepMonitor.NONE, Terminal.plain(stream, stream));
    estimate.onProgress(1, steps);
    Thread.sleep(1100);
    estimate.onProgress(2, steps);
    estimate.onProgress(3, steps);
    return out.toString(UTF_8);
  }
}
