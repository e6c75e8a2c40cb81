package dev.headlamp.engine;

import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays that runs of one model have done with and later runs use again: fresh memory costs more
 * than most of what is done with it. Holds at most a given number of bytes, and lets go first of
 * the shapes that were asked for longest ago. Safe for many threads.
 */
final class ArrayPool implements ArraySource, AutoCloseable {

  private static final Deque<INDArray> EMPTY = new ArrayDeque<>(0);

  private final DataType type;
  private final long capacity;

  /** By shape. */
  private final Map<LongBuffer, Deque<INDArray>> free = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;
  private boolean closed;

  ArrayPool(DataType type, long capacity) {
    this.type = type;
    this.capacity = capacity;
  }

  @Override
  public DataType type() {
    return type;
  }

  @Override
  public INDArray take(long... shape) {
    INDArray pooled = poll(shape);
    return pooled != null ? pooled : fresh(shape);
  }

  /** What the pool holds outlives the workspace that a caller may have open. */
  @SuppressWarnings("try") // The scope is used by being open.
  private INDArray fresh(long[] shape) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return Nd4j.createUninitialized(type, shape, 'c');
    }
  }

  private synchronized @Nullable INDArray poll(long[] shape) {
    Deque<INDArray> arrays = free.getOrDefault(LongBuffer.wrap(shape), EMPTY);
    while (!arrays.isEmpty()) {
      INDArray array = arrays.pop();
      bytes -= size(array);
      // Somebody may have closed what a run lent him, then or since.
      if (!array.wasClosed()) {
        return array;
      }
    }
    return null;
  }

  /**
   * Takes back an array that nobody reads or writes any more. One that a hook has closed, which it
   * must not, is forgotten: it would fail every later run.
   */
  @Override
  public synchronized void giveBack(INDArray array) {
    if (array.wasClosed()) {
      return;
    }
    if (closed || size(array) > capacity || array.ordering() != 'c' || array.isView()) {
      closeOnce(array);
      return;
    }
    free.computeIfAbsent(LongBuffer.wrap(array.shape()), shape -> new ArrayDeque<>()).push(array);
    bytes += size(array);
    while (bytes > capacity) {
      dropOldestShape();
    }
  }

  private void dropOldestShape() {
    var oldest = free.entrySet().iterator();
    for (INDArray array : oldest.next().getValue()) {
      bytes -= size(array);
      closeOnce(array);
    }
    oldest.remove();
  }

  private static void closeOnce(INDArray array) {
    if (!array.wasClosed()) {
      array.close();
    }
  }

  private static long size(INDArray array) {
    return array.length() * array.dataType().width();
  }

  /** Frees the arrays held; what is given back later is freed at once. */
  @Override
  public synchronized void close() {
    closed = true;
    free.values().forEach(arrays -> arrays.forEach(ArrayPool::closeOnce));
    free.clear();
    bytes = 0;
  }
}
