package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The attention of one block over a tree of tokens: each sees itself and its ancestors. */
final class TreeAttention {

  /** So many queries are worth another core. */
  private static final int LEAST = 64;

  private final Gpt2Config config;
  private final PrefixTree tree;
  private final int layer;
  private final int width;
  private final FloatRows queries;
  private final FloatRows keys;
  private final FloatRows values;

  /**
   * Prepares a block.
   *
   * @param inputs queries of the wanted nodes, keys and values of all
   */
  TreeAttention(Gpt2Config config, PrefixTree tree, int layer, AttentionInputs inputs) {
    this.config = config;
    this.tree = tree;
    this.layer = layer;
    this.width = config.nHeads() * config.dHead();
    this.queries = FloatRows.of(inputs.q());
    this.keys = FloatRows.of(inputs.k());
    this.values = FloatRows.of(inputs.v());
  }

  /**
   * Computes the wanted nodes, on all cores.
   *
   * @param wanted ascending
   * @param z is written: {@code [1, wanted, head·d_head]}
   */
  void run(int[] wanted, INDArray z) {
    FloatRows to = FloatRows.of(z);
    int longest = 1 + IntStream.of(tree.depths()).max().orElse(0);
    Parallel.ranges(wanted.length, LEAST, (from, until) -> walk(wanted, from, until, longest, to));
  }

  /** Walks the tree depth first, with the keys and values of the path to the node at hand. */
  private void walk(int[] wanted, int from, int until, int longest, FloatRows z) {
    float[][] pathKeys = new float[longest][width];
    float[][] pathValues = new float[longest][width];
    float[] q = new float[width];
    float[] row = new float[width];
    RowAttention attention = new RowAttention(config, longest);
    int window = config.attentionWindows().get(layer);
    loadAncestors(wanted[from], pathKeys, pathValues);
    int next = from;
    for (int node = wanted[from]; next < until; node++) {
      int depth = tree.depths()[node];
      keys.get(node, pathKeys[depth]);
      values.get(node, pathValues[depth]);
      if (wanted[next] == node) {
        queries.get(next, q);
        int first = window == 0 ? 0 : Math.max(0, depth + 1 - window);
        attention.attend(
            q, pathKeys, pathValues, first, depth + 1, config.scoreDivisor(layer), row);
        z.put(next, row);
        next++;
      }
    }
  }

  /** Loads the ancestors of a node: before it, the nearest of each smaller depth. */
  private void loadAncestors(int node, float[][] pathKeys, float[][] pathValues) {
    int depth = tree.depths()[node];
    for (int before = node - 1; depth > 0; before--) {
      if (tree.depths()[before] == depth - 1) {
        depth--;
        keys.get(before, pathKeys[depth]);
        values.get(before, pathValues[depth]);
      }
    }
  }
}
