package dev.headlamp.engine;

import dev.headlamp.engine.Tap.Interest;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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

  private static final List<Activation> READERS =
      List.of(Activation.Q_INPUT, Activation.K_INPUT, Activation.V_INPUT);

  private final BlockPass block;
  private final INDArray residual;
  private final Map<Activation, INDArray> edited;

  private SplitInputs(BlockPass block, INDArray residual, Map<Activation, INDArray> edited) {
    this.block = block;
    this.residual = residual;
    this.edited = edited;
  }

  /** Offers the split points that somebody is interested in, and keeps what edits made of them. */
  static SplitInputs of(BlockPass block, INDArray residual) {
    Interest interest = block.interest(Activation.ATTN_IN);
    INDArray shared =
        interest == Interest.NONE
            ? null
            : block.offer(Activation.ATTN_IN, repeated(block, residual));
    Map<Activation, INDArray> edited = new EnumMap<>(Activation.class);
    for (Activation reader : READERS) {
      INDArray input = offered(block, reader, residual, shared);
      if (input != null && (interest.mayChange() || block.interest(reader).mayChange())) {
        edited.put(reader, input);
      }
    }
    return new SplitInputs(block, residual, edited);
  }

  private static @Nullable INDArray offered(
      BlockPass block, Activation reader, INDArray residual, @Nullable INDArray shared) {
    if (block.interest(reader) == Interest.NONE) {
      return shared;
    }
    INDArray own =
        shared == null ? repeated(block, residual) : block.memory().keep(shared.dup('c'));
    return block.offer(reader, own);
  }

  private static INDArray repeated(BlockPass block, INDArray residual) {
    return block.kernels().repeatForHeads(block.memory(), residual, block.config().nHeads());
  }

  /** Returns whether all heads read the residual stream itself. */
  boolean areShared() {
    return edited.isEmpty();
  }

  /**
   * Returns what one reader makes of its input, {@code [batch, pos, head, d_head]}.
   *
   * @param reader the reader's own point
   * @param normalized ln1 of the residual stream, for the heads whose input is the residual stream
   */
  INDArray read(Activation reader, INDArray normalized, INDArray w, @Nullable INDArray bias) {
    INDArray result = block.perHead(normalized, w, bias);
    INDArray input = edited.get(reader);
    if (input != null) {
      for (int head = 0; head < block.config().nHeads(); head++) {
        readEdited(input, head, w, bias, result);
      }
    }
    return result;
  }

  private void readEdited(
      INDArray input, int head, INDArray w, @Nullable INDArray bias, INDArray result) {
    RunMemory memory = block.memory();
    INDArray x = memory.keep(ofHead(input, head).dup('c'));
    if (x.equalsWithEps(residual, 0)) {
      return;
    }
    INDArray normalized =
        block.kernels().layerNorm(memory, x, block.config().layerNormEpsilon(), block.ln1());
    int dHead = block.config().dHead();
    var columns = NDArrayIndex.interval((long) head * dHead, (long) (head + 1) * dHead);
    INDArray headW = memory.keep(w.get(NDArrayIndex.all(), columns).dup('c'));
    INDArray headBias = bias == null ? null : memory.keep(bias.get(columns).dup('c'));
    ofHead(result, head)
        .assign(
            block.perHead(normalized, headW, headBias).reshape('c', x.size(0), x.size(1), dHead));
  }

  private static INDArray ofHead(INDArray values, int head) {
    return values.get(
        NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(head), NDArrayIndex.all());
  }
}
