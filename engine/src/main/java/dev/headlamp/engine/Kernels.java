package dev.headlamp.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The operations a forward pass is made of: the seam behind which a faster implementation goes. All
 * arrays are C-ordered and of one floating type; results are allocated from the given memory and no
 * argument is written to, unless it says so.
 */
interface Kernels extends AutoCloseable {

  /** Returns the given rows of a table {@code [entries, width]}, in the given shape. */
  INDArray rows(RunMemory memory, INDArray table, int[] indices, long... shape);

  /** Returns a + b, both of one shape. */
  INDArray add(RunMemory memory, INDArray a, INDArray b);

  /**
   * Returns x·w + bias.
   *
   * @param x {@code [.., in]}
   * @param w {@code [in, out]}
   * @param bias {@code [out]}, or null
   * @param shape the result's shape, {@code [.., out]} with the last axis possibly split
   */
  INDArray linear(RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, long... shape);

  /**
   * What a block attends with, {@code [batch, pos, head, d_head]} each; positions may lie further
   * apart in memory than their numbers take.
   */
  record AttentionInputs(INDArray q, INDArray k, INDArray v) {}

  /**
   * Returns queries, keys and values.
   *
   * @param x {@code [batch, pos, d_model]}
   */
  default AttentionInputs attentionInputs(
      RunMemory memory, INDArray x, BlockWeights weights, int heads) {
    long[] shape = {x.size(0), x.size(1), heads, weights.wQ().size(1) / heads};
    return new AttentionInputs(
        linear(memory, x, weights.wQ(), weights.bQ(), shape),
        linear(memory, x, weights.wK(), weights.bK(), shape),
        linear(memory, x, weights.wV(), weights.bV(), shape));
  }

  /** Returns f(x·w + bias), of the shape {@code [.., out]} that {@code x} has in front. */
  default INDArray linearActivated(
      RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, ActivationFunction f) {
    return activate(memory, f, linear(memory, x, w, bias, x.size(0), x.size(1), w.size(1)));
  }

  /**
   * Returns added + x·w + bias.
   *
   * @param x {@code [batch, pos, ..]}, {@code in} numbers a position
   * @param added {@code [batch, pos, out]}
   */
  default INDArray linearAdded(
      RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, INDArray added) {
    return add(memory, added, linear(memory, x, w, bias, x.size(0), x.size(1), w.size(1)));
  }

  /** Returns sqrt(mean((x - mean(x))²) + eps) over the last axis of x: {@code [.., 1]}. */
  INDArray layerNormScale(RunMemory memory, INDArray x, double epsilon);

  /**
   * Returns (x - mean(x)) / scale · gain + bias over the last axis of x.
   *
   * @param scale {@code [.., 1]}
   * @param epsilon that of the scale, where it is x's own
   */
  INDArray layerNorm(
      RunMemory memory, INDArray x, INDArray scale, double epsilon, LayerNormWeights weights);

  /** Returns the layer norm of x where nobody looks at its scale; to the last bit as above. */
  default INDArray layerNorm(
      RunMemory memory, INDArray x, double epsilon, LayerNormWeights weights) {
    return layerNorm(memory, x, layerNormScale(memory, x, epsilon), epsilon, weights);
  }

  /** Returns f(x), element by element. */
  INDArray activate(RunMemory memory, ActivationFunction f, INDArray x);

  /**
   * Returns q·k / divisor + mask.
   *
   * @param q {@code [batch, dest, head, d_head]}
   * @param k {@code [batch, src, head, d_head]}, any strides
   * @return {@code [batch, head, dest, src]}
   */
  INDArray scores(RunMemory memory, INDArray q, INDArray k, double divisor, AttentionMask mask);

  /**
   * Returns the softmax of {@code [batch, head, dest, src]} over the last axis.
   *
   * @param emptyRows whether there may be rows of -inf throughout, which become 0
   */
  INDArray softmax(RunMemory memory, INDArray scores, boolean emptyRows);

  /**
   * Returns the values mixed by the pattern.
   *
   * @param pattern {@code [batch, head, dest, src]}
   * @param v {@code [batch, src, head, d_head]}, any strides
   * @return {@code [batch, dest, head, d_head]}
   */
  INDArray mix(RunMemory memory, INDArray pattern, INDArray v);

  /**
   * Returns the values mixed by the softmax of q·k / divisor + mask, where nobody looks at scores
   * and pattern; arguments and result as in {@link #scores} and {@link #mix}.
   */
  default INDArray attend(
      RunMemory memory,
      INDArray q,
      INDArray k,
      INDArray v,
      double divisor,
      AttentionMask mask,
      boolean emptyRows) {
    return mix(memory, softmax(memory, scores(memory, q, k, divisor, mask), emptyRows), v);
  }

  /**
   * Returns what each head writes.
   *
   * @param z {@code [batch, pos, head, d_head]}
   * @param wO {@code [head·d_head, d_model]}
   * @return {@code [batch, pos, head, d_model]}
   */
  default INDArray headResults(RunMemory memory, INDArray z, INDArray wO) {
    INDArray results = memory.allocate(z.size(0), z.size(1), z.size(2), wO.size(1));
    headResults(z, wO, results);
    return results;
  }

  /** Writes the same into {@code results}, C order. */
  void headResults(INDArray z, INDArray wO, INDArray results);

  /**
   * Copies positions into an array that has room for more.
   *
   * @param added {@code [batch, pos, head, d_head]}, any strides
   * @param held {@code [batch, more positions, head, d_head]}
   * @param at the position of the first
   */
  void put(INDArray added, INDArray held, int at);

  /** Returns the sum over heads of {@code [batch, pos, head, d_model]}, plus bias. */
  INDArray sumHeads(RunMemory memory, INDArray results, INDArray bias);

  /**
   * Returns x {@code [batch, pos, d_model]} repeated for every head: {@code [batch, pos, head,
   * d_model]}.
   */
  INDArray repeatForHeads(RunMemory memory, INDArray x, int heads);

  /**
   * Returns x·rowsᵀ + bias.
   *
   * @param x {@code [batch, pos, d_model]}
   * @param rows {@code [tokens, d_model]}
   * @param bias {@code [tokens]}, or null
   * @return {@code [batch, pos, tokens]}
   */
  INDArray unembed(RunMemory memory, INDArray x, INDArray rows, @Nullable INDArray bias);

  /** Frees what was kept for later runs. */
  @Override
  default void close() {}
}
