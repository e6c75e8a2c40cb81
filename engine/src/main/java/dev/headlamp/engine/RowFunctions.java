package dev.headlamp.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer norm and masked softmax of rows of float32 in the machine's memory. */
interface RowFunctions {

  /**
   * Writes sqrt(mean((x - mean(x))²) + eps) of every row.
   *
   * @param x {@code [.., width]}, C order
   * @param scale {@code [.., 1]}
   */
  void layerNormScale(INDArray x, double epsilon, INDArray scale);

  /**
   * Writes (x - mean(x)) / scale · gain + bias for every row.
   *
   * @param epsilon that of the scale, of rows whose scale is their own
   * @param result as x, and another array
   */
  void layerNorm(
      INDArray x, INDArray scale, double epsilon, LayerNormWeights weights, INDArray result);

  /** Does both, to the last bit as one after the other, and forgets the scale. */
  void layerNorm(INDArray x, double epsilon, LayerNormWeights weights, INDArray result);

  /** Replaces scores by -inf where a query may not attend to; elsewhere NaN may become +inf. */
  void hide(ScoreRows scores, AttentionMask mask);

  /**
   * Writes the softmax of every row. What is -inf becomes 0, and a row of nothing else NaN; a row
   * with NaN has some NaN afterwards, and so has one with +inf.
   *
   * @param x whose memory begins with {@code [rows, width]}
   * @param result as x, or x itself
   * @param emptyRows whether rows of -inf become 0 throughout instead
   */
  void softmax(INDArray x, int rows, int width, boolean emptyRows, INDArray result);
}
