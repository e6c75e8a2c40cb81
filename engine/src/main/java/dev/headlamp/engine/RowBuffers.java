package dev.headlamp.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays of float32 rows, {@code [1, rows, width]}, whose number changes from one stretch of work
 * to the next: beginnings of buffers that have room for the most rows there are. For one thread.
 */
final class RowBuffers implements ArraySource, AutoCloseable {

  /** Into so many steps every doubling of the number of rows is divided. */
  private static final int STEPS = 4;

  private final ArraySource pool;
  private final long capacity;
  private final Map<Long, Deque<INDArray>> free = new HashMap<>();
  private final IdentityHashMap<INDArray, INDArray> taken = new IdentityHashMap<>();

  private RowBuffers(ArraySource pool, long capacity) {
    this.pool = pool;
    this.capacity = capacity;
  }

  /**
   * Returns buffers for rows.
   *
   * @param pool where buffers come from, and go back to at the end: fresh memory costs time
   * @param most how many rows an array has at most; larger ones are made when they are asked for
   */
  static RowBuffers of(ArraySource pool, long most) {
    return new RowBuffers(pool, rounded(most));
  }

  /** Rounds up to one of few numbers, so that the pool has buffers of that size another time. */
  private static long rounded(long rows) {
    long step = Math.max(1, Long.highestOneBit(rows) / STEPS);
    return (rows + step - 1) / step * step;
  }

  @Override
  public DataType type() {
    return DataType.FLOAT;
  }

  @Override
  public INDArray take(long... shape) {
    long rows = shape[0] * shape[1];
    long width = 1;
    for (int axis = 2; axis < shape.length; axis++) {
      width *= shape[axis];
    }
    if (rows > capacity) {
      return pool.take(shape);
    }
    Deque<INDArray> buffers = free.computeIfAbsent(width, w -> new ArrayDeque<>());
    INDArray buffer = buffers.isEmpty() ? pool.take(capacity * width) : buffers.pop();
    INDArray beginning = Nd4j.create(buffer.data(), shape, Nd4j.getStrides(shape, 'c'), 0, 'c');
    taken.put(beginning, buffer);
    return beginning;
  }

  @Override
  public void giveBack(INDArray array) {
    INDArray buffer = taken.remove(array);
    if (buffer == null) {
      pool.giveBack(array);
    } else {
      free.get(buffer.length() / capacity).push(buffer);
    }
  }

  @Override
  public void close() {
    free.values().forEach(buffers -> buffers.forEach(pool::giveBack));
    free.clear();
  }
}
