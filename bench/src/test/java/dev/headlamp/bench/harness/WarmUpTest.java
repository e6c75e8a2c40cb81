package dev.headlamp.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class WarmUpTest {

  private static final Duration STRETCH = Duration.ofMillis(10);

  private final AtomicInteger runs = new AtomicInteger();

  private void sleepShortly() {
    runs.incrementAndGet();
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void runsOnceIfNoQuietIsAskedFor() {
    WarmUp.run(this::sleepShortly, Duration.ZERO, Duration.ZERO, Duration.ofDays(1));
    assertThat(runs).hasValue(1);
  }

  @Test
  @Timeout(60)
  void repeatsTheWorkUntilTheJitIsQuiet() {
    WarmUp.run(this::sleepShortly, STRETCH, Duration.ofMillis(50), Duration.ofDays(1));
    assertThat(runs).hasValueGreaterThan(1);
  }

  @Test
  @Timeout(60)
  void endsThoughTheJitIsNotQuietForSoLong() {
    WarmUp.run(this::sleepShortly, STRETCH, Duration.ofDays(1), Duration.ofMillis(50));
    assertThat(runs).hasValueGreaterThan(1);
  }
}
