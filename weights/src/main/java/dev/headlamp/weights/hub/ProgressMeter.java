package dev.headlamp.weights.hub;

import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** Adds up what arrives and tells a listener, not more often than is of use. */
final class ProgressMeter {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final DownloadListener listener;
  private final long started = System.nanoTime();
  private long lastTold;
  private long size;
  private long finished;
  private long received;

  ProgressMeter(DownloadListener listener) {
    this.listener = listener;
  }

  void expect(Collection<RemoteFile> files) {
    files.forEach(file -> size += file.size());
  }

  /** A file starts, with this many bytes here already. */
  void starts(RemoteFile file, long fileBytes) {
    tell(file, fileBytes);
  }

  /** More of a file has come over the network. */
  void receives(RemoteFile file, long fileBytes, long newBytes) {
    received += newBytes;
    if (System.nanoTime() - lastTold >= PAUSE_NANOS) {
      tell(file, fileBytes);
    }
  }

  /** A file is complete, verified and in its place. */
  void completes(RemoteFile file) {
    tell(file, file.size());
    finished += file.size();
  }

  private void tell(RemoteFile file, long fileBytes) {
    lastTold = System.nanoTime();
    double seconds = Math.max(lastTold - started, 1) / 1e9;
    listener.progressed(
        new DownloadProgress(
            file.model().name(),
            file.name(),
            fileBytes,
            file.size(),
            finished + fileBytes,
            size,
            received / seconds));
  }
}
