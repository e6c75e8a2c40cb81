package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Gpt2Config;

/**
 * What was computed, in rows: one position of one prompt each. Attention scores and the unembedding
 * are left out.
 *
 * @param blocks rows that went through a whole block
 * @param mlps rows that went through an MLP alone
 * @param headResults rows whose heads' results were computed from z
 * @param headInputs rows of which one head's query, key or value was computed
 */
record Work(long blocks, long mlps, long headResults, long headInputs) {

  static final Work NONE = new Work(0, 0, 0, 0);

  Work plus(Work other) {
    return new Work(
        blocks + other.blocks,
        mlps + other.mlps,
        headResults + other.headResults,
        headInputs + other.headInputs);
  }

  Work withBlocks(long rows) {
    return plus(new Work(rows, 0, 0, 0));
  }

  Work withMlps(long rows) {
    return plus(new Work(0, rows, 0, 0));
  }

  Work withHeadResults(long rows) {
    return plus(new Work(0, 0, rows, 0));
  }

  Work withHeadInputs(long rows) {
    return plus(new Work(0, 0, 0, rows));
  }

  /**
   * Returns the floating-point operations of this work in the matrix products of a model of {@code
   * config}'s size: two for each weight and row, so 2·12·d_model² for a row of a block of GPT-2.
   */
  double flops(Gpt2Config config) {
    double dModel = config.dModel();
    double attention = 4 * dModel * dModel;
    double mlp = 2 * dModel * config.dMlp();
    double perHead = dModel * config.dHead();
    return 2
        * (blocks * (attention + mlp)
            + mlps * mlp
            + headResults * dModel * dModel
            + headInputs * perHead);
  }
}
