package dev.headlamp.engine;

import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/** Loops in Java on as many cores as the JVM's common pool has. */
final class Parallel {

  /** Below this a range is not worth waking another core for. */
  private static final int LEAST = 8;

  /** Works on the entries {@code from} to {@code to - 1}. */
  interface Range {
    void apply(int from, int to);
  }

  private Parallel() {}

  /** Applies {@code work} to parts of 0 to {@code size - 1} that together are the whole. */
  static void ranges(int size, Range work) {
    int parts = Math.min(ForkJoinPool.getCommonPoolParallelism() + 1, size / LEAST);
    if (parts <= 1) {
      work.apply(0, size);
      return;
    }
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part ->
                work.apply(
                    (int) ((long) size * part / parts), (int) ((long) size * (part + 1) / parts)));
  }
}
