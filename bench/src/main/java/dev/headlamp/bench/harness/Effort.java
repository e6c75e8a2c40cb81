package dev.headlamp.bench.harness;

import dev.headlamp.bench.models.ModelShape;

/** How much a run of the benchmarks does. */
public enum Effort {
  /**
   * Everything once on a tiny model and in one process: shows that it works, times mean nothing.
   */
  QUICK,
  /** The usual set, of some ten minutes: large sweeps and many prompts by a part of them. */
  STANDARD,
  /** The same with everything whole. */
  FULL;

  /** Returns the model that is measured. */
  public ModelShape shape() {
    return this == QUICK ? ModelShape.TINY : ModelShape.GPT2;
  }

  /** Returns {@code standard}, or 1 if everything is done whole. */
  public int oneOf(int standard) {
    return this == FULL ? 1 : standard;
  }
}
