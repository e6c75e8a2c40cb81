package dev.headlamp.engine;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The parts of a block that treat every position by itself, on positions of any prompts as rows of
 * one array {@code [1, row, d_model]}.
 */
final class RowPass {

  private final Gpt2Config config;
  private final Gpt2Weights weights;
  private final Kernels kernels;

  RowPass(Gpt2Config config, Gpt2Weights weights, Kernels kernels) {
    this.config = config;
    this.weights = weights;
    this.kernels = kernels;
  }

  /** Returns ln1 of the residual stream entering a block. */
  INDArray normalized(RunMemory memory, int layer, INDArray residPre) {
    return layerNorm(memory, residPre, weights.blocks().get(layer).ln1());
  }

  /** Returns queries, keys and values of rows. */
  Kernels.AttentionInputs attentionInputs(RunMemory memory, int layer, INDArray normalized) {
    return kernels.attentionInputs(
        memory, normalized, weights.blocks().get(layer), config.nHeads());
  }

  INDArray queries(RunMemory memory, int layer, INDArray normalized) {
    BlockWeights block = weights.blocks().get(layer);
    return linear(memory, normalized, block.wQ(), block.bQ());
  }

  INDArray keys(RunMemory memory, int layer, INDArray normalized) {
    BlockWeights block = weights.blocks().get(layer);
    return linear(memory, normalized, block.wK(), block.bK());
  }

  INDArray values(RunMemory memory, int layer, INDArray normalized) {
    BlockWeights block = weights.blocks().get(layer);
    return linear(memory, normalized, block.wV(), block.bV());
  }

  /** Returns the residual stream behind the attention, of z and the one entering the block. */
  INDArray residMid(RunMemory memory, int layer, INDArray z, INDArray residPre) {
    BlockWeights block = weights.blocks().get(layer);
    return kernels.linearAdded(memory, z, block.wO(), block.bO(), residPre);
  }

  /**
   * Returns what each head adds to the residual stream.
   *
   * @param z {@code [1, row·head, d_head]}
   * @return {@code [1, row·head, d_model]}
   */
  INDArray headResults(RunMemory memory, int layer, INDArray z) {
    INDArray wO = weights.blocks().get(layer).wO();
    long heads = config.nHeads();
    long rows = z.size(1) / heads;
    INDArray results = memory.allocate(1, z.size(1), wO.size(1));
    kernels.headResults(
        z.reshape('c', 1, rows, heads, z.size(2)),
        wO,
        results.reshape('c', 1, rows, heads, wO.size(1)));
    return results;
  }

  /** Returns the residual stream leaving a block, of z and the residual stream entering it. */
  INDArray afterAttention(RunMemory memory, int layer, INDArray z, INDArray residPre) {
    INDArray residMid = residMid(memory, layer, z, residPre);
    INDArray residPost = afterMid(memory, layer, residMid);
    memory.free(residMid);
    return residPost;
  }

  /** Returns the residual stream leaving a block, of that between attention and MLP. */
  INDArray afterMid(RunMemory memory, int layer, INDArray residMid) {
    BlockWeights block = weights.blocks().get(layer);
    INDArray normalized = layerNorm(memory, residMid, block.ln2());
    INDArray post =
        kernels.linearActivated(memory, normalized, block.wIn(), block.bIn(), config.activation());
    memory.free(normalized);
    INDArray residPost = kernels.linearAdded(memory, post, block.wOut(), block.bOut(), residMid);
    memory.free(post);
    return residPost;
  }

  /**
   * Returns logits {@code [1, row, tokens]}.
   *
   * @param tokens which; null for the whole vocabulary
   */
  INDArray logits(RunMemory memory, INDArray residual, int @Nullable [] tokens) {
    INDArray normalized = layerNorm(memory, residual, weights.lnFinal());
    INDArray rows = weights.unembedding();
    INDArray bias = weights.bU();
    if (tokens != null) {
      rows = kernels.rows(memory, rows, tokens, 1, tokens.length, config.dModel());
      rows = rows.reshape('c', tokens.length, config.dModel());
      bias =
          bias == null
              ? null
              : kernels
                  .rows(memory, bias.reshape('c', bias.length(), 1), tokens, 1, tokens.length, 1)
                  .reshape('c', new long[] {tokens.length});
    }
    return kernels.unembed(memory, normalized, rows, bias);
  }

  /** Returns token and position embedding of rows. */
  INDArray embedded(RunMemory memory, int[] ids, int[] positions) {
    long[] shape = {1, ids.length, config.dModel()};
    return kernels.add(
        memory,
        kernels.rows(memory, weights.wE(), ids, shape),
        kernels.rows(memory, weights.wPos(), positions, shape));
  }

  /** Returns some rows of {@code [1, row, width]}. */
  INDArray select(RunMemory memory, INDArray rows, int[] chosen) {
    boolean all =
        chosen.length == rows.size(1)
            && IntStream.range(0, chosen.length).allMatch(i -> chosen[i] == i);
    if (all) {
      return rows;
    }
    INDArray table = rows.reshape('c', rows.size(1), rows.size(2));
    return kernels.rows(memory, table, chosen, 1, chosen.length, rows.size(2));
  }

  private INDArray layerNorm(RunMemory memory, INDArray x, LayerNormWeights norm) {
    return kernels.layerNorm(memory, x, config.layerNormEpsilon(), norm);
  }

  private INDArray linear(RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias) {
    return kernels.linear(memory, x, w, bias, 1, x.size(1), w.size(1));
  }
}
