package dev.headlamp.engine;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer norm and softmax in plain Java: rows that stay in the processor's cache, on all cores. */
final class JavaRowFunctions implements RowFunctions {

  /** About as many floats are made probabilities in one go. */
  private static final int TOGETHER = 1 << 13;

  @Override
  public void layerNormScale(INDArray x, double epsilon, INDArray scale) {
    CpuLayerNorm.of(x).scale(epsilon, scale);
  }

  @Override
  public void layerNorm(
      INDArray x, INDArray scale, double epsilon, LayerNormWeights weights, INDArray result) {
    CpuLayerNorm.of(x).normalize(scale, weights, result);
  }

  @Override
  public void layerNorm(INDArray x, double epsilon, LayerNormWeights weights, INDArray result) {
    CpuLayerNorm.of(x).apply(epsilon, weights, result);
  }

  @Override
  public void hide(ScoreRows scores, AttentionMask mask) {
    scores.hide(mask);
  }

  @Override
  public void softmax(INDArray x, int rows, int width, boolean emptyRows, INDArray result) {
    FloatBuffer input = CpuKernels.buffer(x);
    FloatBuffer output = CpuKernels.buffer(result);
    int together = Math.max(1, TOGETHER / width);
    Parallel.ranges(
        rows,
        Parallel.least(width),
        (from, to) -> {
          SoftmaxRows softmax = new SoftmaxRows(Math.min(together, to - from), width);
          for (int row = from; row < to; row += together) {
            int count = Math.min(together, to - row);
            input.get(input.position() + (row * width), softmax.values(), 0, count * width);
            softmax.apply(count, emptyRows);
            output.put(output.position() + (row * width), softmax.values(), 0, count * width);
          }
        });
  }
}
