package dev.headlamp.bench.loading;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Watches how much memory of this process is backed by no file: the peak of Linux' RssAnon. */
final class AnonymousMemory implements AutoCloseable {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long PAUSE_MILLIS = 5;

  private final Thread sampler = new Thread(this::sample, "anonymous-memory");
  private volatile long peak;
  private volatile boolean ended;

  private AnonymousMemory() {}

  static AnonymousMemory watch() throws IOException {
    AnonymousMemory memory = new AnonymousMemory();
    memory.peak = bytes();
    memory.sampler.setDaemon(true);
    memory.sampler.start();
    return memory;
  }

  private void sample() {
    try {
      while (!ended) {
        peak = Math.max(peak, bytes());
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long bytes() throws IOException {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return 1024
          * lines
              .filter(line -> line.startsWith("RssAnon:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow(() -> new IOException("no RssAnon in " + STATUS));
    }
  }

  /** Ends the watching and returns the most there was. */
  long peakBytes() throws InterruptedException {
    close();
    sampler.join();
    return peak;
  }

  @Override
  public void close() {
    // Not by an interrupt, which would close the file that is being read.
    ended = true;
  }
}
