package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2Config;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The backward pass of one attention layer, from what it writes to what its heads read: {@code
 * attn_out = z·W_O}, {@code z = pattern·v}, {@code pattern = softmax(q·k / divisor + mask)}.
 */
final class AttentionBackward {

  private final BlockBackward block;
  private final BackwardPass pass;
  private final Gpt2Config config;
  private final BlockWeights weights;

  AttentionBackward(BlockBackward block) {
    this.block = block;
    this.pass = block.pass();
    this.config = pass.config();
    this.weights = block.weights();
  }

  /**
   * Returns the gradient at the normalized input that queries, keys and values are made of, {@code
   * [batch·pos, d_model]}, kept in {@code scratch}.
   *
   * @param attnOut the gradient at the layer's output, {@code [batch·pos, d_model]}; borrowed
   */
  INDArray apply(Scratch scratch, INDArray attnOut) {
    long[] perHead = {
      pass.tokens().batch(), pass.tokens().length(), config.nHeads(), config.dHead()
    };
    INDArray z =
        scratch.keep(Products.timesTransposed(attnOut, weights.wO())).reshape('c', perHead);
    block.offer(Activation.Z, z);
    INDArray values = pass.recorded(block.point(Activation.V));
    INDArray patternValue = pass.recorded(block.point(Activation.PATTERN));
    INDArray pattern = scratch.keep(Products.dotHeads(z, values));
    block.offer(Activation.PATTERN, pattern);
    INDArray v = scratch.keep(Products.mixHeads(patternValue.permute(0, 1, 3, 2), z));
    block.offer(Activation.V, v);

    INDArray scores = scratch.keep(softmax(pattern, patternValue));
    block.offer(Activation.ATTN_SCORES, scores);
    scores.divi(block.scoreDivisor());
    INDArray keys = pass.recorded(block.point(Activation.K));
    INDArray queries = pass.recorded(block.point(Activation.Q));
    INDArray q = scratch.keep(Products.mixHeads(scores, keys));
    block.offer(Activation.Q, q);
    INDArray k = scratch.keep(Products.mixHeads(scores.permute(0, 1, 3, 2), queries));
    block.offer(Activation.K, k);

    new SplitInputsBackward(block).offer(q, k, v);
    INDArray normalized = scratch.keep(Products.timesTransposed(rows(q), weights.wQ()));
    normalized.addi(scratch.keep(Products.timesTransposed(rows(k), weights.wK())));
    return normalized.addi(scratch.keep(Products.timesTransposed(rows(v), weights.wV())));
  }

  private INDArray rows(INDArray perHead) {
    return perHead.reshape('c', pass.rows(), (long) config.nHeads() * config.dHead());
  }

  /**
   * Returns p·(g − Σ p·g), the sum over a row. Where a score is masked, p and so the gradient is 0;
   * so it is in the rows of padding, which are 0 throughout.
   */
  private INDArray softmax(INDArray gradient, INDArray pattern) {
    double[] g = Doubles.of(gradient);
    double[] p = Doubles.of(pattern);
    int width = Math.toIntExact(pattern.size(-1));
    for (int row = 0; row < g.length; row += width) {
      double dot = 0;
      for (int i = row; i < row + width; i++) {
        dot += p[i] * g[i];
      }
      for (int i = row; i < row + width; i++) {
        g[i] = p[i] * (g[i] - dot);
      }
    }
    return pass.array(g, pattern.shape());
  }
}
