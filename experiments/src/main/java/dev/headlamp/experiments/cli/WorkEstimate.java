package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.SweepMonitor;
import java.util.Locale;
import org.bytedeco.javacpp.Pointer;

/**
 * Says, once a second has passed and a step of a sweep is done, how long the rest will take and how
 * much memory, where that is more than a few seconds. The first runs of a process are slower than
 * those that follow, and would tell too much.
 */
final class WorkEstimate implements SweepMonitor {

  private static final double WARM_UP_SECONDS = 1;
  private static final double WORTH_SAYING_SECONDS = 3;
  private static final double NANOS = 1e9;

  private final SweepMonitor monitor;
  private final Terminal terminal;
  private final long started = System.nanoTime();
  private boolean said;

  /** Begins to measure: to be made just before the first step. */
  WorkEstimate(SweepMonitor monitor, Terminal terminal) {
    this.monitor = monitor;
    this.terminal = terminal;
  }

  @Override
  public void onProgress(long done, long total) {
    double seconds = (System.nanoTime() - started) / NANOS;
    if (!said && seconds > WARM_UP_SECONDS) {
      said = true;
      announce(seconds / done * (total - done));
    }
    monitor.onProgress(done, total);
  }

  private void announce(double seconds) {
    if (seconds > WORTH_SAYING_SECONDS) {
      long megabytes = Pointer.physicalBytes() / 1_000_000;
      terminal.out().printf("estimate           about %s, %d MB%n", words(seconds), megabytes);
      terminal.out().flush();
    }
  }

  /** Returns a duration such as {@code 40 s}, {@code 12 min} or {@code 2.5 h}. */
  static String words(double seconds) {
    if (seconds < 100) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    double minutes = seconds / 60;
    return minutes < 100
        ? String.format(Locale.ROOT, "%.0f min", minutes)
        : String.format(Locale.ROOT, "%.1f h", minutes / 60);
  }

  @Override
  public boolean isCancelled() {
    return monitor.isCancelled();
  }
}
