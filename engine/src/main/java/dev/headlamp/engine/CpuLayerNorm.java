package dev.headlamp.engine;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer norm in float32 on a CPU: rows that stay in the processor's cache, on all cores. */
final class CpuLayerNorm {

  private final FloatBuffer x;
  private final int rows;
  private final int width;

  private CpuLayerNorm(FloatBuffer x, int rows, int width) {
    this.x = x;
    this.rows = rows;
    this.width = width;
  }

  /** Returns the layer norm over the last axis of x. */
  static CpuLayerNorm of(INDArray x) {
    int width = Math.toIntExact(x.size(-1));
    return new CpuLayerNorm(CpuKernels.buffer(x), Math.toIntExact(x.length() / width), width);
  }

  /** Writes sqrt(mean((x - mean(x))²) + eps). */
  void scale(double epsilon, FloatBuffer to) {
    Parallel.ranges(
        rows,
        Parallel.least(width),
        (from, until) -> {
          float[] row = new float[width];
          for (int i = from; i < until; i++) {
            x.get(i * width, row);
            to.put(i, scale(row, mean(row), epsilon));
          }
        });
  }

  /** Writes (x - mean(x)) / scale · gain + bias. */
  void normalize(FloatBuffer scale, float[] gain, float[] bias, FloatBuffer to) {
    Parallel.ranges(
        rows,
        Parallel.least(width),
        (from, until) -> {
          float[] row = new float[width];
          for (int i = from; i < until; i++) {
            x.get(i * width, row);
            normalize(row, mean(row), scale.get(i), gain, bias);
            to.put(i * width, row);
          }
        });
  }

  /** Writes the same for those rows whose scale is not their own. */
  void normalizeOthers(
      double epsilon, FloatBuffer scale, float[] gain, float[] bias, FloatBuffer to) {
    Parallel.ranges(
        rows,
        Parallel.least(width),
        (from, until) -> {
          float[] row = new float[width];
          for (int i = from; i < until; i++) {
            x.get(i * width, row);
            float mean = mean(row);
            if (scale.get(i) != scale(row, mean, epsilon)) {
              normalize(row, mean, scale.get(i), gain, bias);
              to.put(i * width, row);
            }
          }
        });
  }

  /** Finds every row's own scale and normalises by it. */
  void apply(double epsilon, float[] gain, float[] bias, FloatBuffer to) {
    Parallel.ranges(
        rows,
        Parallel.least(width),
        (from, until) -> {
          float[] row = new float[width];
          for (int i = from; i < until; i++) {
            x.get(i * width, row);
            float mean = mean(row);
            normalize(row, mean, scale(row, mean, epsilon), gain, bias);
            to.put(i * width, row);
          }
        });
  }

  private static float mean(float[] row) {
    return FloatMath.sum(row, 0, row.length) / row.length;
  }

  private static float scale(float[] row, float mean, double epsilon) {
    double variance = FloatMath.sumOfSquares(row, mean, row.length) / (double) row.length;
    return (float) Math.sqrt(variance + epsilon);
  }

  private static void normalize(float[] row, float mean, float scale, float[] gain, float[] bias) {
    for (int i = 0; i < row.length; i++) {
      row[i] = ((row[i] - mean) / scale * gain[i]) + bias[i];
    }
  }
}
