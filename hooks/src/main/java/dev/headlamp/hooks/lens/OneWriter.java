package dev.headlamp.hooks.lens;

import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A single writer, of which it is known what it wrote.
 *
 * @param label its name
 * @param chosen the rows
 * @param written makes what it wrote, {@code [row, d_model]}, a new array each time
 */
record OneWriter(String label, CachedRows chosen, Supplier<INDArray> written) implements Writers {

  @Override
  public List<String> labels() {
    return List.of(label);
  }

  @Override
  public void copyTo(INDArray stack) {
    try (INDArray rows = written.get()) {
      stack.assign(rows.reshape(stack.shape()));
    }
  }

  @Override
  public INDArray sum() {
    return written.get();
  }

  @Override
  public double[][] along(Directions directions) {
    try (INDArray rows = written.get()) {
      return new double[][] {directions.along(rows, chosen)};
    }
  }
}
