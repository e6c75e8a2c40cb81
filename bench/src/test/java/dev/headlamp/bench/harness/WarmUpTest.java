package dev.headlamp.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarmUpTest {

  private static final Duration NO_TIME = Duration.ZERO;
  private static final Duration SHORT = Duration.ofMillis(60);
  private static final Duration ENDLESS = Duration.ofDays(1);

  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicLong compiled = new AtomicLong();

  private void work() {
    runs.incrementAndGet();
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void runsOnceIfNoQuietIsAskedFor() {
    WarmUp.run(this::work, compiled::get, NO_TIME, NO_TIME, ENDLESS);
    assertThat(runs).hasValue(1);
  }

  @Test
  void waitsUntilTheJitHasBeenQuietForSoLong() {
    AtomicLong busy = new AtomicLong();
    WarmUp.run(
        () -> {
          work();
          if (runs.get() <= 10) {
            compiled.addAndGet(100);
            busy.set(System.nanoTime());
          }
        },
        compiled::get,
        NO_TIME,
        SHORT,
        ENDLESS);
    assertThat(Duration.ofNanos(System.nanoTime() - busy.get())).isGreaterThanOrEqualTo(SHORT);
  }

  @Test
  void aJitThatIsNeverQuietIsWaitedForSoLongOnly() {
    long start = System.nanoTime();
    WarmUp.run(
        () -> {
          work();
          compiled.addAndGet(100);
        },
        compiled::get,
        NO_TIME,
        NO_TIME.plusMillis(1),
        SHORT);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SHORT);
  }

  /** Judged by itself, a run in which something is compiled would begin the wait again. */
  @Test
  void aStretchIsJudgedAsAWhole() {
    WarmUp.run(
        () -> {
          work();
          compiled.addAndGet(runs.get() % 40 == 0 ? 1 : 0);
        },
        compiled::get,
        SHORT.multipliedBy(4),
        SHORT.multipliedBy(5),
        ENDLESS);
    assertThat(compiled.get()).isPositive();
  }
}
