package dev.headlamp.experiments.lens;

import dev.headlamp.engine.Gpt2Config;

/** How a state of the residual stream is read. */
public enum LensKind {
  /** Final layer norm and unembedding: the logit lens. */
  DIRECT("logit lens"),
  /**
   * The last block first, then final layer norm and unembedding. Where the stream is turned into
   * another basis only at the very end, as was said of GPT-Neo, this lens works and the plain one
   * does not.
   */
  THROUGH_FINAL_BLOCK("logit lens through the final block");

  private final String label;

  LensKind(String label) {
    this.label = label;
  }

  /** Returns the block that a state enters; the number of blocks for none. */
  int entry(Gpt2Config config) {
    return this == DIRECT ? config.nLayers() : config.nLayers() - 1;
  }

  /** Returns what reports call this. */
  @Override
  public String toString() {
    return label;
  }
}
