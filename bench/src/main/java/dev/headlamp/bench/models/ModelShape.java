package dev.headlamp.bench.models;

import dev.headlamp.engine.Gpt2Config;

/** The shapes that benchmarks run on. */
public enum ModelShape {
  /** Two layers of width 32: to warm up, and for a run that only shows that a benchmark works. */
  TINY {
    @Override
    public Gpt2Config config() {
      return Gpt2Config.ofSize("tiny", 2, 4, 32, 1024, 101);
    }
  },
  /** GPT-2 small. */
  GPT2 {
    @Override
    public Gpt2Config config() {
      return Gpt2Config.gpt2();
    }
  },
  /** GPT-2 medium. */
  GPT2_MEDIUM {
    @Override
    public Gpt2Config config() {
      return Gpt2Config.gpt2Medium();
    }
  };

  /** Returns the sizes. */
  public abstract Gpt2Config config();
}
