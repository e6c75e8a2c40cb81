package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One place at which variants begin to differ from the base run, and their rows there. */
final class VariantStart {

  private final StartPlace place;
  private final int width;
  private final FloatBuffer memory;
  private final int from;
  private final List<Instance> instances = new ArrayList<>();
  private int rows;

  /**
   * Returns a start without rows.
   *
   * @param memory what rows are copied to, one behind the other
   * @param from where the first goes
   */
  VariantStart(StartPlace place, int width, FloatBuffer memory, int from) {
    this.place = place;
    this.width = width;
    this.memory = memory;
    this.from = from;
  }

  /** Adds the rows of another variant, which begins to differ at the same place. */
  void add(int variant, ChangedRows changes) {
    for (Instance instance : changes.instances()) {
      instances.add(instance.of(variant));
    }
    for (float[] row : changes.rows()) {
      memory.put(end(), row);
      rows++;
    }
  }

  /** Returns where in the memory the next row would go. */
  int end() {
    return from + (rows * width);
  }

  StartPlace place() {
    return place;
  }

  List<Instance> instances() {
    return instances;
  }

  /**
   * Returns a copy of the rows, {@code [1, row, width]}; if there are none, of one to be ignored.
   */
  INDArray rows(RunMemory run) {
    INDArray copy = run.allocate(1, Math.max(1, rows), width);
    FloatBuffer to = CpuKernels.buffer(copy);
    to.put(to.position(), memory, from, rows * width);
    return copy;
  }
}
