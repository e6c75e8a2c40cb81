package dev.headlamp.hooks;

import java.util.concurrent.atomic.AtomicLong;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Counts the arrays that hooks were given, or returned. Hooks may keep them, so nobody can free
 * them but the garbage collector, which does not see what they hold outside the Java heap and would
 * let it grow without bounds. Where they add up it is called, as the JDK does for direct buffers.
 */
final class LeftToCollector {

  private static final long LEAST_LIMIT = 16 << 20;

  /** A collection takes time by the size of the heap in use: the larger, the fewer of them. */
  private static final int SHARE_OF_HEAP = 4;

  private static final AtomicLong LEFT = new AtomicLong();
  private static volatile long limit = LEAST_LIMIT;

  private LeftToCollector() {}

  static void count(INDArray array) {
    long left = LEFT.addAndGet(array.length() * array.dataType().width());
    if (left > limit && LEFT.compareAndSet(left, 0)) {
      System.gc();
      Runtime heap = Runtime.getRuntime();
      limit = Math.max(LEAST_LIMIT, (heap.totalMemory() - heap.freeMemory()) / SHARE_OF_HEAP);
    }
  }
}
