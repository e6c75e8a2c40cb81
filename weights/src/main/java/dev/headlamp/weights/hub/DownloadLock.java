package dev.headlamp.weights.hub;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Held while one blob is made, against other threads and other processes. The file stays behind, as
 * huggingface_hub's does: removing it would let two processes lock two files of the same name.
 */
final class DownloadLock implements Closeable {

  /** A file lock belongs to the whole JVM, so the threads of one JVM need locks of their own. */
  private static final Map<Path, ReentrantLock> IN_THIS_JVM = new ConcurrentHashMap<>();

  private static final long POLL_MILLIS = 50;

  private final ReentrantLock threads;
  private final FileChannel channel;

  private DownloadLock(ReentrantLock threads, FileChannel channel) {
    this.threads = threads;
    this.channel = channel;
  }

  /** Waits until nobody else holds the lock. */
  static DownloadLock acquire(Path file) throws IOException, InterruptedException {
    Files.createDirectories(file.getParent());
    Path canonical = file.getParent().toRealPath().resolve(file.getFileName());
    ReentrantLock threads = IN_THIS_JVM.computeIfAbsent(canonical, path -> new ReentrantLock());
    threads.lockInterruptibly();
    try {
      return new DownloadLock(threads, lock(canonical));
    } catch (IOException | InterruptedException | RuntimeException e) {
      threads.unlock();
      throw e;
    }
  }

  private static FileChannel lock(Path file) throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      while (!tryLock(channel)) {
        Thread.sleep(POLL_MILLIS);
      }
      return channel;
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Held by this JVM, but not through this class: by a copy of it in another class loader.
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      threads.unlock();
    }
  }
}
