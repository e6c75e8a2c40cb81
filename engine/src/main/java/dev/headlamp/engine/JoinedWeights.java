package dev.headlamp.engine;

import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weight matrices that multiply the same rows, side by side in oneDNN's order: one product for all
 * of them reads the rows once, and wakes the other cores once.
 *
 * @param columns of all matrices
 * @param bias {@code [columns]}, or null
 */
record JoinedWeights(PackedWeight packed, long columns, @Nullable FloatPointer bias)
    implements AutoCloseable {

  /**
   * Copies matrices {@code [in, out]} and their biases, which all or none have.
   *
   * @param biases {@code [out]} each, or null
   */
  static JoinedWeights of(List<INDArray> ws, List<@Nullable INDArray> biases) {
    long in = ws.get(0).size(0);
    long columns = ws.stream().mapToLong(w -> w.size(1)).sum();
    FloatPointer bias = null;
    if (biases.stream().allMatch(Objects::nonNull)) {
      bias = new FloatPointer(columns);
      copy(biases.stream().map(Objects::requireNonNull).toList(), 1, columns, bias);
    }
    try (FloatPointer plain = new FloatPointer(in * columns)) {
      copy(ws, in, columns, plain);
      return new JoinedWeights(
          PackedWeight.of(plain, MatrixProducts.Layout.PLAIN, in, columns), columns, bias);
    }
  }

  private static void copy(List<INDArray> parts, long rows, long columns, FloatPointer to) {
    long at = 0;
    for (INDArray part : parts) {
      FloatPointer from = new FloatPointer(part.data().addressPointer());
      long width = part.length() / rows;
      float[] row = new float[Math.toIntExact(width)];
      for (long i = 0; i < rows; i++) {
        from.position(i * width).get(row);
        to.position((i * columns) + at).put(row);
      }
      at += width;
    }
    to.position(0);
  }

  @Override
  public void close() {
    packed.close();
    if (bias != null) {
      bias.close();
    }
  }
}
