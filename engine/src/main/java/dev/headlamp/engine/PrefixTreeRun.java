package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs prompts as a tree: what prompts share at their beginning is computed once, and in the last
 * block only what the last tokens need.
 */
final class PrefixTreeRun {

  /** About as many floats may the widest array of a run have. */
  private static final int FLOATS = 8 << 20;

  private final Gpt2Config config;
  private final RowPass pass;
  private final ArraySource pool;
  private final int mostNodes;

  PrefixTreeRun(Gpt2Config config, Gpt2Weights weights, Kernels kernels, ArraySource pool) {
    this.config = config;
    this.pass = new RowPass(config, weights, kernels);
    this.pool = pool;
    this.mostNodes = Math.max(64, FLOATS / config.dMlp());
  }

  /** Returns the logits {@code [prompt, token]} at each prompt's last position. */
  INDArray logits(List<int[]> prompts, int[] tokens) {
    INDArray logits =
        Nd4j.createUninitialized(pool.type(), new long[] {prompts.size(), tokens.length}, 'c');
    FloatBuffer to = CpuKernels.buffer(logits);
    int[] order = PrefixTree.order(prompts);
    for (int from = 0; from < order.length; ) {
      PrefixTree tree = PrefixTree.of(prompts, order, from, mostNodes);
      run(tree, tokens, to);
      from += tree.prompts().length;
    }
    return logits;
  }

  private void run(PrefixTree tree, int[] tokens, FloatBuffer to) {
    int[] leaves = IntStream.of(tree.ends()).distinct().toArray();
    try (RowBuffers buffers = RowBuffers.of(pool, tree.size());
        RunMemory memory = new RunMemory(buffers)) {
      INDArray residual = pass.embedded(memory, tree.tokens(), tree.depths());
      for (int layer = 0; layer < config.nLayers(); layer++) {
        int[] wanted =
            layer < config.nLayers() - 1 ? IntStream.range(0, tree.size()).toArray() : leaves;
        try (RunMemory block = memory.stretch()) {
          INDArray next = block(block, layer, tree, residual, wanted);
          memory.free(residual);
          residual = block.moveTo(memory, next);
        }
      }
      FloatBuffer logits = CpuKernels.buffer(pass.logits(memory, residual, tokens));
      float[] row = new float[tokens.length];
      for (int i = 0; i < tree.prompts().length; i++) {
        int leaf = Arrays.binarySearch(leaves, tree.ends()[i]);
        logits.get(leaf * row.length, row);
        to.put(tree.prompts()[i] * row.length, row);
      }
    }
  }

  /** Returns the residual stream of the wanted nodes, in ascending order, behind a block. */
  private INDArray block(
      RunMemory memory, int layer, PrefixTree tree, INDArray residual, int[] wanted) {
    INDArray normalized = pass.normalized(memory, layer, residual);
    INDArray z = memory.allocate(1, wanted.length, (long) config.nHeads() * config.dHead());
    AttentionInputs inputs =
        wanted.length == tree.size()
            ? pass.attentionInputs(memory, layer, normalized)
            : new AttentionInputs(
                pass.queries(memory, layer, pass.select(memory, normalized, wanted)),
                pass.keys(memory, layer, normalized),
                pass.values(memory, layer, normalized));
    new TreeAttention(config, tree, layer, inputs).run(wanted, z);
    return pass.afterAttention(memory, layer, z, pass.select(memory, residual, wanted));
  }
}
