package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Variants that wait to be run together, and the rows at which they begin to differ. The rows are
 * kept outside the Java heap, in memory that the next sweep uses again. For one thread.
 */
final class VariantQueue implements AutoCloseable {

  private final ArraySource pool;
  private final INDArray array;
  private final FloatBuffer memory;
  private final List<VariantStart> starts = new ArrayList<>();
  private final List<Consumer<INDArray>> consumers = new ArrayList<>();
  private boolean closed;

  /**
   * Returns an empty queue.
   *
   * @param rows the most rows that may wait
   * @param width of the widest
   */
  VariantQueue(ArraySource pool, long rows, long width) {
    this.pool = pool;
    this.array = pool.take(1, rows, width);
    this.memory = CpuKernels.buffer(array).slice();
  }

  boolean isEmpty() {
    return consumers.isEmpty();
  }

  /** Returns whether variants that begin to differ there can be run after those that wait. */
  boolean takes(StartPlace place) {
    return isEmpty() || latest().place().compareTo(place) <= 0;
  }

  /**
   * Adds a variant, whose rows are copied.
   *
   * @param logits what its logits are for
   */
  void add(ChangedRows changes, Consumer<INDArray> logits) {
    if (isEmpty() || !latest().place().equals(changes.place())) {
      int end = isEmpty() ? 0 : latest().end();
      starts.add(new VariantStart(changes.place(), changes.width(), memory, end));
    }
    latest().add(consumers.size(), changes);
    consumers.add(logits);
  }

  private VariantStart latest() {
    return starts.get(starts.size() - 1);
  }

  /** Returns the starts as they are now, in the order of a run. */
  List<VariantStart> starts() {
    return List.copyOf(starts);
  }

  /** Returns what the logits are for as of now, by the number of the variant. */
  List<Consumer<INDArray>> consumers() {
    return List.copyOf(consumers);
  }

  /** Empties the queue, whose rows stay in memory until others are added. */
  void clear() {
    starts.clear();
    consumers.clear();
  }

  /** Gives the memory back. Closing again has no effect. */
  @Override
  public void close() {
    clear();
    if (!closed) {
      closed = true;
      pool.giveBack(array);
    }
  }
}
