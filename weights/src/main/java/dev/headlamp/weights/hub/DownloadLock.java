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

  private static final long POLL_MILLIS = 50;

  /**
   * Keeps threads apart before they open the file: closing any channel of a file, that of a waiting
   * thread too, drops every lock that the JVM has on it.
   */
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final ReentrantLock thread;
  private final FileChannel channel;

  private DownloadLock(ReentrantLock thread, FileChannel channel) {
    this.thread = thread;
    this.channel = channel;
  }

  /**
   * Waits until nobody else holds the lock.
   *
   * @param ifHeld is run before such a wait
   */
  static DownloadLock acquire(Path file, Runnable ifHeld) throws IOException, InterruptedException {
    Files.createDirectories(file.getParent());
    Path canonical = file.getParent().toRealPath().resolve(file.getFileName());
    ReentrantLock thread = THREADS.computeIfAbsent(canonical, path -> new ReentrantLock());
    if (!thread.tryLock()) {
      ifHeld.run();
      thread.lockInterruptibly();
    }
    try {
      return new DownloadLock(thread, lockedChannel(canonical, ifHeld));
    } catch (IOException | InterruptedException | RuntimeException e) {
      thread.unlock();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      thread.unlock();
    }
  }

  private static FileChannel lockedChannel(Path file, Runnable ifHeld)
      throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!tryLock(channel)) {
        ifHeld.run();
        do {
          Thread.sleep(POLL_MILLIS);
        } while (!tryLock(channel));
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
      // Held by this JVM, but not through this class: by its copy in another class loader.
      return false;
    }
  }
}
