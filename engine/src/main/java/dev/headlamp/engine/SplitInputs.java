package dev.headlamp.engine;

import dev.headlamp.engine.Tap.Interest;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The residual stream as each head's query, key and value read it: {@code hook_attn_in} and {@code
 * hook_q_input}, {@code hook_k_input}, {@code hook_v_input}.
 *
 * <p>They are made only when asked for. A head whose input an edit changed reads the layer norm of
 * that input; all other heads read what {@code ln1} gave, so {@code ln1}'s own points are reached
 * once in a block, whatever is split.
 */
final class SplitInputs {

  private final BlockPass block;
  private final INDArray residual;
  private final @Nullable INDArray attentionInput;

  private SplitInputs(BlockPass block, INDArray residual, @Nullable INDArray attentionInput) {
    this.block = block;
    this.residual = residual;
    this.attentionInput = attentionInput;
  }

  static SplitInputs of(BlockPass block, INDArray residual) {
    if (block.interest(Activation.ATTN_IN) == Interest.NONE) {
      return new SplitInputs(block, residual, null);
    }
    return new SplitInputs(
        block, residual, block.offer(Activation.ATTN_IN, repeated(block, residual)));
  }

  private static INDArray repeated(BlockPass block, INDArray residual) {
    return block.kernels().repeatForHeads(block.memory(), residual, block.config().nHeads());
  }

  /**
   * Returns what one reader makes of its input, {@code [batch, pos, head, d_head]}.
   *
   * @param point the reader's own point
   * @param normalized ln1 of the residual stream, for the heads whose input is the residual stream
   */
  INDArray read(Activation point, INDArray normalized, INDArray w, @Nullable INDArray bias) {
    INDArray result = block.perHead(normalized, w, bias);
    INDArray input = input(point);
    if (input != null) {
      for (int head = 0; head < block.config().nHeads(); head++) {
        readEdited(input, head, w, bias, result);
      }
    }
    return result;
  }

  /** Returns the reader's input if an edit may have changed it, else null. */
  private @Nullable INDArray input(Activation point) {
    Interest interest = block.interest(point);
    boolean edited = interest.mayChange() || block.interest(Activation.ATTN_IN).mayChange();
    INDArray input = attentionInput;
    if (interest != Interest.NONE) {
      INDArray own =
          attentionInput == null
              ? repeated(block, residual)
              : block.memory().keep(attentionInput.dup('c'));
      input = block.offer(point, own);
    }
    return edited ? input : null;
  }

  private void readEdited(
      INDArray input, int head, INDArray w, @Nullable INDArray bias, INDArray result) {
    RunMemory memory = block.memory();
    INDArray own =
        input.get(
            NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(head), NDArrayIndex.all());
    if (own.equalsWithEps(residual, 0)) {
      return;
    }
    INDArray x = memory.keep(own.dup('c'));
    INDArray scale = block.kernels().layerNormScale(memory, x, block.config().layerNormEpsilon());
    INDArray normalized = block.kernels().layerNorm(memory, x, scale, block.ln1());
    int dHead = block.config().dHead();
    var columns = NDArrayIndex.interval((long) head * dHead, (long) (head + 1) * dHead);
    INDArray headW = memory.keep(w.get(NDArrayIndex.all(), columns).dup('c'));
    INDArray headBias = bias == null ? null : memory.keep(bias.get(columns).dup('c'));
    result
        .get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(head), NDArrayIndex.all())
        .assign(
            block.perHead(normalized, headW, headBias).reshape('c', x.size(0), x.size(1), dHead));
  }
}
