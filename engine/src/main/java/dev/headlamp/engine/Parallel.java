package dev.headlamp.engine;

import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/** Loops in Java on as many cores as the JVM's common pool has. */
final class Parallel {

  /** For fewer floats it is not worth to wake another core. */
  private static final int FLOATS = 1 << 16;

  /** More than one, so that a core that comes late, or gets the harder part, is not waited for. */
  private static final int PARTS_OF_CORE = 4;

  /** Works on the entries {@code from} to {@code to - 1}. */
  interface Range {
    void apply(int from, int to);
  }

  private Parallel() {}

  /** Returns how many entries of {@code floats} numbers each are worth another core. */
  static int least(int floats) {
    return Math.max(1, FLOATS / floats);
  }

  /**
   * Applies {@code work} to parts of 0 to {@code size - 1} that together are the whole.
   *
   * @param least the fewest entries that are worth another core
   */
  static void ranges(int size, int least, Range work) {
    int cores = ForkJoinPool.getCommonPoolParallelism() + 1;
    int parts = cores == 1 ? 1 : Math.min(cores * PARTS_OF_CORE, size / least);
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
