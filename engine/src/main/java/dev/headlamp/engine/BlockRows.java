package dev.headlamp.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The parts of one block that treat every position by itself, to be computed outside a run: for any
 * rows of a residual stream, whichever prompts and positions they come from. The numbers are those
 * of a run.
 *
 * <p>Arguments are borrowed and of the model's type; results are owned by the caller.
 */
public final class BlockRows {

  private final Gpt2Config config;
  private final BlockWeights weights;
  private final Kernels kernels;
  private final ArrayPool pool;

  BlockRows(Gpt2Config config, BlockWeights weights, Kernels kernels, ArrayPool pool) {
    this.config = config;
    this.weights = weights;
    this.kernels = kernels;
    this.pool = pool;
  }

  private interface Computation {
    INDArray apply(RunMemory memory);
  }

  /**
   * Returns what the MLP writes, ln2 and biases included.
   *
   * @param residMid {@code [row, d_model]}
   * @return {@code [row, d_model]}
   * @throws IllegalArgumentException if the rows are of another width or type
   */
  public INDArray mlp(INDArray residMid) {
    check(residMid, config.dModel());
    long rows = residMid.size(0);
    return computed(
        memory -> {
          INDArray normalized = layerNorm(memory, residMid, weights.ln2());
          INDArray pre =
              kernels.linear(memory, normalized, weights.wIn(), weights.bIn(), rows, config.dMlp());
          INDArray post = kernels.activate(memory, config.activation(), pre);
          return kernels.linear(
              memory, post, weights.wOut(), weights.bOut(), rows, config.dModel());
        });
  }

  /**
   * Returns the queries, keys or values of one head, ln1 and biases included.
   *
   * @param reader {@link Activation#Q}, {@link Activation#K} or {@link Activation#V}
   * @param residPre {@code [row, d_model]}
   * @return {@code [row, d_head]}
   * @throws IllegalArgumentException if there is no such head, the activation is another, or the
   *     rows are of another width or type
   */
  public INDArray headInput(Activation reader, int head, INDArray residPre) {
    check(residPre, config.dModel());
    config.checkHead(head);
    return switch (reader) {
      case Q -> projected(residPre, head, weights.wQ(), weights.bQ());
      case K -> projected(residPre, head, weights.wK(), weights.bK());
      case V -> projected(residPre, head, weights.wV(), weights.bV());
      default ->
          throw new IllegalArgumentException(
              "a head reads the residual stream as q, k or v, not as " + reader.shortName());
    };
  }

  private INDArray projected(INDArray residPre, int head, INDArray w, @Nullable INDArray bias) {
    long dHead = config.dHead();
    var columns = NDArrayIndex.interval(head * dHead, (head + 1) * dHead);
    return computed(
        memory -> {
          INDArray normalized = layerNorm(memory, residPre, weights.ln1());
          INDArray headW = memory.keep(w.get(NDArrayIndex.all(), columns).dup('c'));
          INDArray headBias = bias == null ? null : memory.keep(bias.get(columns).dup('c'));
          return kernels.linear(memory, normalized, headW, headBias, residPre.size(0), dHead);
        });
  }

  /**
   * Returns what each head writes, without the output bias.
   *
   * @param z {@code [row, head, d_head]}
   * @return {@code [row, head, d_model]}
   * @throws IllegalArgumentException if the rows are of another shape or type
   */
  public INDArray headResults(INDArray z) {
    check(z, config.nHeads(), config.dHead());
    long rows = z.size(0);
    int heads = config.nHeads();
    return computed(
        memory -> {
          INDArray own = memory.keep(z.dup('c'));
          INDArray byRow = own.reshape('c', 1, rows, heads, config.dHead());
          INDArray results = kernels.headResults(memory, byRow, weights.wO());
          // A copy, because nobody could free a view.
          return memory.keep(results.reshape('c', rows, heads, config.dModel()).dup('c'));
        });
  }

  private INDArray layerNorm(RunMemory memory, INDArray rows, LayerNormWeights norm) {
    // The kernels read memory from an array's beginning in C order: a view is copied.
    INDArray own = memory.keep(rows.dup('c'));
    return kernels.layerNorm(memory, own, config.layerNormEpsilon(), norm);
  }

  @SuppressWarnings("try") // The scope is used by being open.
  private INDArray computed(Computation computation) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        RunMemory memory = new RunMemory(pool)) {
      return memory.release(computation.apply(memory));
    }
  }

  private void check(INDArray rows, long... shape) {
    boolean fits = rows.rank() == shape.length + 1 && rows.dataType() == pool.type();
    for (int axis = 0; fits && axis < shape.length; axis++) {
      fits = rows.size(axis + 1) == shape[axis];
    }
    if (!fits || rows.isEmpty()) {
      throw new IllegalArgumentException(
          "rows of %s %s are needed, not %s %s"
              .formatted(
                  pool.type(),
                  Arrays.toString(shape),
                  rows.dataType(),
                  Arrays.toString(rows.shape())));
    }
  }
}
