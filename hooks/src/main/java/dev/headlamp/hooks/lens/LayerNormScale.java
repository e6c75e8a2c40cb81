package dev.headlamp.hooks.lens;

/** What a layer norm divides by when it is applied to an earlier state of the residual stream. */
public enum LayerNormScale {
  /** The state's own standard deviation: what the reader would make of that state. */
  OWN,
  /**
   * What the reader divided by in the run, at that position. The norm is then the same linear map
   * for all states, so that the difference of two of them is what was written between them.
   */
  CACHED
}
