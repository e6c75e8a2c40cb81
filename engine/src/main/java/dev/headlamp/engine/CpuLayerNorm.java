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

  private interface Work {
    /** Is given a row's number, and its numbers in an array that may be written to. */
    void apply(int row, float[] values, float mean);
  }

  private void each(Work work) {
    Parallel.ranges(
        rows,
        Parallel.least(width),
        (from, until) -> {
          float[] row = new float[width];
          for (int i = from; i < until; i++) {
            x.get(i * width, row);
            work.apply(i, row, mean(row));
          }
        });
  }

  /** Writes sqrt(mean((x - mean(x))²) + eps). */
  void scale(double epsilon, INDArray result) {
    FloatBuffer to = CpuKernels.buffer(result);
    each((i, row, mean) -> to.put(i, scale(row, mean, epsilon)));
  }

  /** Writes (x - mean(x)) / scale · gain + bias. */
  void normalize(INDArray scale, LayerNormWeights weights, INDArray result) {
    FloatBuffer scales = CpuKernels.buffer(scale);
    Affine affine = Affine.of(weights);
    FloatBuffer to = CpuKernels.buffer(result);
    each(
        (i, row, mean) -> {
          affine.normalize(row, mean, scales.get(i));
          to.put(i * width, row);
        });
  }

  /** Writes the same for those rows whose scale is not their own. */
  void normalizeOthers(double epsilon, INDArray scale, LayerNormWeights weights, INDArray result) {
    FloatBuffer scales = CpuKernels.buffer(scale);
    Affine affine = Affine.of(weights);
    FloatBuffer to = CpuKernels.buffer(result);
    each(
        (i, row, mean) -> {
          if (scales.get(i) != scale(row, mean, epsilon)) {
            affine.normalize(row, mean, scales.get(i));
            to.put(i * width, row);
          }
        });
  }

  /** Finds every row's own scale and normalises by it. */
  void apply(double epsilon, LayerNormWeights weights, INDArray result) {
    Affine affine = Affine.of(weights);
    FloatBuffer to = CpuKernels.buffer(result);
    each(
        (i, row, mean) -> {
          affine.normalize(row, mean, scale(row, mean, epsilon));
          to.put(i * width, row);
        });
  }

  private static float mean(float[] row) {
    return FloatMath.sum(row, 0, row.length) / row.length;
  }

  private static float scale(float[] row, float mean, double epsilon) {
    double variance = FloatMath.sumOfSquares(row, mean, row.length) / (double) row.length;
    return (float) Math.sqrt(variance + epsilon);
  }

  /** Gain and bias, as arrays. */
  private static final class Affine {
    private final float[] gain;
    private final float[] bias;

    private Affine(float[] gain, float[] bias) {
      this.gain = gain;
      this.bias = bias;
    }

    static Affine of(LayerNormWeights weights) {
      return new Affine(CpuKernels.floats(weights.gain()), CpuKernels.floats(weights.bias()));
    }

    void normalize(float[] row, float mean, float scale) {
      for (int i = 0; i < row.length; i++) {
        row[i] = ((row[i] - mean) / scale * gain[i]) + bias[i];
      }
    }
  }
}
