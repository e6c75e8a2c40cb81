package dev.headlamp.experiments.cli;

import dev.headlamp.weights.hub.DownloadListener;
import dev.headlamp.weights.hub.DownloadProgress;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows the bytes and the rate of a download where somebody watches; nothing until one starts. */
final class DownloadBar implements DownloadListener, AutoCloseable {

  private static final int UPDATE_MILLIS = 100;
  private static final long MEGABYTE = 1_000_000;

  private final Terminal terminal;
  private @Nullable ProgressBar bar;

  DownloadBar(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void progressed(DownloadProgress progress) {
    if (terminal.showsProgress()) {
      bar().setExtraMessage(progress.file()).maxHint(progress.size()).stepTo(progress.bytes());
    }
  }

  private ProgressBar bar() {
    ProgressBar shown = bar;
    if (shown == null) {
      shown =
          new ProgressBarBuilder()
              .setTaskName("Downloading")
              .setUnit(" MB", MEGABYTE)
              .showSpeed()
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setConsumer(new ConsoleProgressBarConsumer(terminal.err(), terminal.width() - 1))
              .build();
      bar = shown;
    }
    return shown;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
