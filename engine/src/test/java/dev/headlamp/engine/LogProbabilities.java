package dev.headlamp.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Log-probabilities in float64, whatever the logits' type. */
final class LogProbabilities {

  private LogProbabilities() {}

  /** Returns the log-softmax of every row of {@code [batch, pos, d_vocab]}, rows one by one. */
  static double[] of(INDArray logits) {
    double[] values = logits.dup('c').data().asDouble();
    int width = Math.toIntExact(logits.size(-1));
    for (int start = 0; start < values.length; start += width) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = start; i < start + width; i++) {
        max = Math.max(max, values[i]);
      }
      double sum = 0;
      for (int i = start; i < start + width; i++) {
        sum += Math.exp(values[i] - max);
      }
      double logSum = max + Math.log(sum);
      for (int i = start; i < start + width; i++) {
        values[i] -= logSum;
      }
    }
    return values;
  }
}
