package dev.headlamp.engine.circuits;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Weights;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a token's embedding, put straight through the unembedding, predicts: W_E·W_U is the whole
 * model without its blocks and final layer norm.
 */
public final class SelfPrediction {

  /** Tokens taken at a time: their logits are [this many, d_vocab]. */
  private static final int CHUNK = 256;

  private SelfPrediction() {}

  /**
   * Returns the share of all tokens t for which row t of W_E·W_U is largest at t. For a vocabulary
   * of 50257 this is 4·10¹² operations: a minute or so.
   *
   * @throws IllegalStateException if the model is closed
   */
  public static double rate(Gpt2 model) {
    return rate(model, IntStream.range(0, model.config().dVocab()).toArray());
  }

  /**
   * Returns the share of the given tokens t for which row t of W_E·W_U is largest at t.
   *
   * @throws IllegalArgumentException if there are none, or one is not in the vocabulary
   * @throws IllegalStateException if the model is closed
   */
  public static double rate(Gpt2 model, int... tokens) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("a share of no tokens: give at least one");
    }
    for (int token : tokens) {
      model.config().checkToken(token);
    }
    long hits = 0;
    for (int start = 0; start < tokens.length; start += CHUNK) {
      int end = Math.min(start + CHUNK, tokens.length);
      hits += hits(model.weights(), Arrays.copyOfRange(tokens, start, end));
    }
    return (double) hits / tokens.length;
  }

  @SuppressWarnings("try") // The scope is used by being open.
  private static long hits(Gpt2Weights weights, int[] tokens) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray rows = Nd4j.pullRows(weights.wE(), 1, tokens);
        INDArray logits = rows.mmul(weights.wU());
        INDArray largest = logits.max(1)) {
      return IntStream.range(0, tokens.length)
          .filter(i -> logits.getDouble(i, tokens[i]) == largest.getDouble(i))
          .count();
    }
  }
}
