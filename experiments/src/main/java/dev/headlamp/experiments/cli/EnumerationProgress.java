package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.EnumerationMonitor;
import dev.headlamp.hooks.SweepMonitor;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows, where somebody watches, the rows done, the rate, the remaining time and the failures so
 * far; and ends an enumeration on Ctrl-C.
 */
final class EnumerationProgress implements EnumerationMonitor, AutoCloseable {

  private static final int UPDATE_MILLIS = 200;

  private final Terminal terminal;
  private final Interruption interruption;
  private final SweepMonitor estimate;
  private @Nullable ProgressBar bar;

  private EnumerationProgress(Terminal terminal, Interruption interruption, SweepMonitor estimate) {
    this.terminal = terminal;
    this.interruption = interruption;
    this.estimate = estimate;
  }

  /** Begins to watch a run that is known to take so and so long. */
  static EnumerationProgress of(Terminal terminal, Interruption interruption) {
    return new EnumerationProgress(terminal, interruption, SweepMonitor.NONE);
  }

  /** Begins to watch a run, and says how long it takes as soon as some of it is done. */
  static EnumerationProgress estimating(Terminal terminal, Interruption interruption) {
    return new EnumerationProgress(
        terminal, interruption, new WorkEstimate(SweepMonitor.NONE, terminal));
  }

  @Override
  public void onProgress(long done, long total, long belowZero) {
    estimate.onProgress(done, total);
    if (terminal.showsProgress()) {
      bar(done)
          .setExtraMessage(String.format(Locale.ROOT, " %,d below zero", belowZero))
          .maxHint(total)
          .stepTo(done);
    }
  }

  /** Rows that are there when the bar starts do not count in its rate. */
  private ProgressBar bar(long present) {
    ProgressBar shown = bar;
    if (shown == null) {
      shown =
          new ProgressBarBuilder()
              .setTaskName("rows")
              .showSpeed()
              .startsFrom(present, Duration.ZERO)
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setConsumer(new ConsoleProgressBarConsumer(terminal.err(), terminal.width() - 1))
              .build();
      bar = shown;
    }
    return shown;
  }

  @Override
  public boolean isCancelled() {
    return interruption.isRequested();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
