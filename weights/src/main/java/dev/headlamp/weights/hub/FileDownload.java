package dev.headlamp.weights.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Brings single files into the cache: what is there is kept, a cut download is gone on with. */
final class FileDownload {

  /** Progress worth forgetting earlier failures for; a server that gives crumbs is given up. */
  private static final long WORTH_GOING_ON = 1 << 20;

  private final HubApi api;
  private final CachedModel model;
  private final ProgressMeter meter;
  private final DownloadListener listener;

  FileDownload(HubApi api, CachedModel model, ProgressMeter meter, DownloadListener listener) {
    this.api = api;
    this.model = model;
    this.meter = meter;
    this.listener = listener;
  }

  /** Returns how many bytes of a file would have to be fetched. */
  long missingBytes(RemoteFile file) throws IOException {
    if (isInSnapshot(file) || isBlob(file)) {
      return 0;
    }
    long kept = size(model.incompleteBlob(file.checksum()));
    return kept < 0 || kept > file.size() ? file.size() : file.size() - kept;
  }

  /**
   * Makes a file part of its snapshot, verified.
   *
   * @throws HubException when the bytes cannot be had, or are not what the hub states
   */
  void fetch(RemoteFile file) throws IOException, InterruptedException {
    if (!isInSnapshot(file)) {
      DownloadLock lock = acquireLock(file);
      try {
        fetchLocked(file);
      } finally {
        lock.close();
      }
    }
    meter.completes(file);
  }

  private DownloadLock acquireLock(RemoteFile file) throws IOException, InterruptedException {
    return DownloadLock.acquire(
        model.lock(file.checksum()), () -> listener.noticed(new DownloadNotice.Busy(file.name())));
  }

  private void fetchLocked(RemoteFile file) throws IOException, InterruptedException {
    if (isInSnapshot(file)) {
      return;
    }
    boolean newBlob = !isBlob(file);
    if (newBlob) {
      download(file);
    }
    model.addToSnapshot(file.commit(), file.name(), model.blob(file.checksum()), newBlob);
  }

  private void download(RemoteFile file) throws IOException, InterruptedException {
    try (PartialFile partial = PartialFile.open(model.incompleteBlob(file.checksum()), file)) {
      Path blob = model.blob(file.checksum());
      fill(partial, file);
      if (partial.publish(blob)) {
        return;
      }
      // The bytes of an earlier download may have been the wrong ones: once more, from the start.
      restarts(file, "its bytes do not have the checksum that the hub states");
      fill(partial, file);
      if (!partial.publish(blob)) {
        throw new HubException(
            "%s: the bytes that came do not have the %s %s that the hub states"
                .formatted(file, file.checksum().kind(), file.checksum().hex()));
      }
    }
  }

  private void fill(PartialFile partial, RemoteFile file) throws IOException, InterruptedException {
    RetryPolicy.Tries tries = api.tries("downloading " + file);
    meter.starts(file, partial.length());
    while (!partial.isFull()) {
      long before = partial.length();
      try {
        receive(partial, file);
      } catch (HubException | ClosedByInterruptException e) {
        throw e;
      } catch (IOException e) {
        if (partial.length() - before >= WORTH_GOING_ON) {
          tries.progressed();
        }
        tries.failed(e);
      }
    }
  }

  private void receive(PartialFile partial, RemoteFile file)
      throws IOException, InterruptedException {
    try (HubHttp.Answer answer = api.bytes(file, partial.length())) {
      if (partial.length() > 0 && !goesOn(answer, partial.length())) {
        partial.restart();
        restarts(file, answer.address().getHost() + " does not go on where the last try ended");
      }
      if (answer.status() == 200 || partial.length() > 0) {
        copy(answer.body(), partial, file);
      }
    }
    if (!partial.isFull()) {
      throw new IOException("only %d of %d bytes came".formatted(partial.length(), file.size()));
    }
  }

  private void copy(BodyReader body, PartialFile partial, RemoteFile file)
      throws IOException, InterruptedException {
    for (List<ByteBuffer> piece = body.next(); !piece.isEmpty(); piece = body.next()) {
      for (ByteBuffer bytes : piece) {
        int count = bytes.remaining();
        partial.append(bytes);
        meter.receives(file, partial.length(), count);
      }
    }
  }

  private void restarts(RemoteFile file, String reason) {
    listener.noticed(new DownloadNotice.Restart(file.name(), reason));
  }

  private static boolean goesOn(HubHttp.Answer answer, long from) {
    return answer.status() == 206
        && answer.header("Content-Range").orElse("").startsWith("bytes " + from + "-");
  }

  private boolean isInSnapshot(RemoteFile file) throws IOException {
    return isHere(file, model.snapshot(file.commit()).resolve(file.name()));
  }

  private boolean isBlob(RemoteFile file) throws IOException {
    return isHere(file, model.blob(file.checksum()));
  }

  private boolean isHere(RemoteFile file, Path path) throws IOException {
    return size(path) == file.size() && !model.leadsOut(path);
  }

  /** Returns the size of a file, or -1; another process may move it away at any moment. */
  private static long size(Path path) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.isRegularFile() ? attributes.size() : -1;
    } catch (NoSuchFileException e) {
      return -1;
    }
  }
}
