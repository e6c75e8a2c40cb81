package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients at the residual stream as each head's query, key and value reads it: each goes back
 * through the head's own weights and through a layer norm of its own.
 */
final class SplitInputsBackward {

  private final BlockBackward block;
  private final BackwardPass pass;
  private final Gpt2Config config;
  private final double[] gain;

  SplitInputsBackward(BlockBackward block) {
    this.block = block;
    this.pass = block.pass();
    this.config = pass.config();
    this.gain = Doubles.of(block.weights().ln1().gain());
  }

  /**
   * Offers the gradients that somebody wants; q, k and v are {@code [batch, pos, head, d_head]}.
   */
  void offer(INDArray q, INDArray k, INDArray v) {
    try (Scratch scratch = new Scratch()) {
      INDArray byQuery = input(scratch, Activation.Q_INPUT, q, block.weights().wQ());
      INDArray byKey = input(scratch, Activation.K_INPUT, k, block.weights().wK());
      INDArray byValue = input(scratch, Activation.V_INPUT, v, block.weights().wV());
      if (byQuery != null && byKey != null && byValue != null && block.wants(Activation.ATTN_IN)) {
        block.offer(Activation.ATTN_IN, byQuery.addi(byKey).addi(byValue));
      }
    }
  }

  /** Returns the gradient at one reader's input {@code [batch·pos·head, d_model]}, if wanted. */
  private @Nullable INDArray input(Scratch scratch, Activation reader, INDArray read, INDArray w) {
    if (!block.wants(reader) && !block.wants(Activation.ATTN_IN)) {
      return null;
    }
    INDArray normalized = scratch.keep(Products.throughHeads(read, w));
    double[] x = pass.numbers(block.point(reader));
    double[] scale = LayerNormBackward.scale(x, config.dModel(), config.layerNormEpsilon());
    LayerNormBackward norm = LayerNormBackward.of(Doubles.of(normalized), x, scale, gain);
    INDArray input =
        scratch.keep(pass.array(norm.input(), pass.rows() * config.nHeads(), config.dModel()));
    block.offer(reader, input);
    return input;
  }
}
