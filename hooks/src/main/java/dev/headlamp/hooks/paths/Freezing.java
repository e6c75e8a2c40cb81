package dev.headlamp.hooks.paths;

/**
 * What keeps its original value on the way from a sender to the receivers. The final layer norm and
 * those of the blocks are always recomputed.
 */
public enum Freezing {
  /**
   * Queries, keys and values of every head, as in the IOI paper's own code; MLPs are recomputed.
   */
  QKV(false),
  /**
   * z of every head, as in the ARENA course; MLPs are recomputed. A head whose queries, keys and
   * values are frozen has its original z, so effects are those of {@link #QKV}, to rounding.
   */
  Z(false),
  /** z of every head and what every MLP writes, as in pyvene's tutorial: the direct path alone. */
  Z_AND_MLPS(true);

  private final boolean mlps;

  Freezing(boolean mlps) {
    this.mlps = mlps;
  }

  /** Returns whether MLPs are frozen too. */
  public boolean mlps() {
    return mlps;
  }
}
