package dev.headlamp.hooks;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Derivatives by logits, put together prompt by prompt. */
final class LogitGradients {

  /** Writes the derivative of one prompt's metric. */
  interface OfPrompt {

    /**
     * Writes the derivative by one prompt's logits.
     *
     * @param rows {@code [selected position][selected token]}, 0 throughout
     */
    void write(int prompt, double[][] rows);
  }

  private LogitGradients() {}

  /** Returns a new array of the shape and type of {@code logits}. */
  static INDArray of(INDArray logits, OfPrompt derivative) {
    int positions = Math.toIntExact(logits.size(1));
    int columns = Math.toIntExact(logits.size(2));
    double[][][] gradient = new double[Math.toIntExact(logits.size(0))][positions][columns];
    for (int prompt = 0; prompt < gradient.length; prompt++) {
      derivative.write(prompt, gradient[prompt]);
    }
    try (INDArray doubles = Nd4j.createFromArray(gradient)) {
      return Nd4j.createUninitialized(logits.dataType(), doubles.shape(), 'c').assign(doubles);
    }
  }

  /**
   * Adds the derivative of {@code weight · ln p(token)} by the logits of one position, which is
   * {@code weight · (1 − p)} for the token itself and {@code −weight · p} for all others.
   */
  static void addLogProbability(double[] row, NextToken next, int token, double weight) {
    double[] logProbabilities = next.logProbabilities();
    for (int i = 0; i < row.length; i++) {
      row[i] -= weight * Math.exp(logProbabilities[i]);
    }
    row[token] += weight;
  }
}
