package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.SweepMonitor;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows the progress of one sweep where somebody watches, and ends it on Ctrl-C. */
final class SweepProgress implements SweepMonitor, AutoCloseable {

  private static final int UPDATE_MILLIS = 100;

  private final Interruption interruption;
  private final @Nullable ProgressBar bar;

  SweepProgress(String title, Terminal terminal, Interruption interruption) {
    this.interruption = interruption;
    this.bar = terminal.showsProgress() ? bar(title, terminal) : null;
  }

  private static ProgressBar bar(String title, Terminal terminal) {
    return new ProgressBarBuilder()
        .setTaskName(title)
        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
        .setUpdateIntervalMillis(UPDATE_MILLIS)
        .setConsumer(new ConsoleProgressBarConsumer(terminal.err(), terminal.width() - 1))
        .build();
  }

  @Override
  public void onProgress(long done, long total) {
    if (bar != null) {
      bar.maxHint(total).stepTo(done);
    }
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
