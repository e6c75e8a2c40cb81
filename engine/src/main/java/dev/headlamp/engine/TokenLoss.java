package dev.headlamp.engine;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Cross-entropy of next tokens: how surprised a model was by each token of its prompts. */
public final class TokenLoss {

  private TokenLoss() {}

  /**
   * Returns −ln p(token at pos + 1 | tokens up to pos), for each prompt and each of its tokens but
   * the last: {@code [batch][promptLength - 1]}, in nats.
   *
   * @param logits all logits of a run over {@code tokens}: {@code [batch, pos, d_vocab]}
   * @throws IllegalArgumentException if the logits are not those of every position and token
   */
  public static double[][] perToken(INDArray logits, TokenBatch tokens) {
    if (logits.rank() != 3
        || logits.size(0) != tokens.batch()
        || logits.size(1) != tokens.length()) {
      throw new IllegalArgumentException(
          "loss needs logits at all %d positions of %d prompts, not %s"
              .formatted(tokens.length(), tokens.batch(), Arrays.toString(logits.shape())));
    }
    double[][] losses = new double[tokens.batch()][];
    for (int prompt = 0; prompt < losses.length; prompt++) {
      losses[prompt] = new double[tokens.promptLength(prompt) - 1];
      for (int i = 0; i < losses[prompt].length; i++) {
        int pos = tokens.firstPos(prompt) + i;
        double[] row = logits.slice(prompt).slice(pos).dup().data().asDouble();
        losses[prompt][i] = logSumExp(row) - row[column(tokens.id(prompt, pos + 1), row)];
      }
    }
    return losses;
  }

  private static int column(int token, double[] row) {
    if (token >= row.length) {
      throw new IllegalArgumentException(
          "loss needs the logits of every token: there are %d, and none of token id %d"
              .formatted(row.length, token));
    }
    return token;
  }

  /** Returns the mean over all tokens of all prompts. */
  public static double mean(double[][] perToken) {
    return Arrays.stream(perToken)
        .flatMapToDouble(Arrays::stream)
        .average()
        .orElseThrow(
            () -> new IllegalArgumentException("no prompt has a second token to be surprised by"));
  }

  private static double logSumExp(double[] values) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      max = Math.max(max, value);
    }
    double sum = 0;
    for (double value : values) {
      sum += Math.exp(value - max);
    }
    return max + Math.log(sum);
  }
}
