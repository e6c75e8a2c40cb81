package dev.headlamp.experiments.cli;

import dev.headlamp.weights.hub.DownloadListener;
import dev.headlamp.weights.hub.DownloadNotice;
import dev.headlamp.weights.hub.DownloadProgress;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows the bytes and the rate of a download where somebody watches, and says in a line of its own
 * what holds it up, whether somebody watches or reads it later. Shows nothing until a download
 * starts.
 */
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
      bar(progress.bytes())
          .setExtraMessage(" " + progress.file())
          .maxHint(progress.size())
          .stepTo(progress.bytes());
    }
  }

  @Override
  public void noticed(DownloadNotice notice) {
    close();
    terminal.err().println("headlamp: " + notice.message());
  }

  /** Bytes that are here when the bar starts do not count in its rate. */
  private ProgressBar bar(long present) {
    ProgressBar shown = bar;
    if (shown == null) {
      shown =
          new ProgressBarBuilder()
              .setTaskName("Downloading")
              .setUnit(" MB", MEGABYTE)
              .showSpeed()
              .startsFrom(present, Duration.ZERO)
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setConsumer(new UnendedLine(terminal))
              .build();
      bar = shown;
    }
    return shown;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
      terminal.err().println();
    }
  }

  /** A bar that has been drawn only once when it is closed would not end its line. */
  private static final class UnendedLine extends ConsoleProgressBarConsumer {
    UnendedLine(Terminal terminal) {
      super(terminal.err(), terminal.width() - 1);
    }

    @Override
    public void close() {}
  }
}
