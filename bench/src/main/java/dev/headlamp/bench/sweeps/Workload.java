package dev.headlamp.bench.sweeps;

import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;

/** Which prompts are patched: 8 pairs of 16 tokens. */
public enum Workload {
  /** Clean and corrupted prompts differ at every token. */
  A(0),
  /** As in IOI: the first ten tokens are the same. */
  B(10);

  /** The number of pairs. */
  static final int BATCH = 8;

  /** The tokens of a prompt. */
  static final int TOKENS = 16;

  private final int firstDifference;

  Workload(int firstDifference) {
    this.firstDifference = firstDifference;
  }

  /** Returns the first position at which clean and corrupted prompts differ. */
  int firstDifference() {
    return firstDifference;
  }

  TokenBatch clean(Gpt2Config config) {
    return GeneratedModel.tokens(config, BATCH, TOKENS, 2);
  }

  TokenBatch corrupted(Gpt2Config config) {
    TokenBatch clean = clean(config);
    int[][] ids = new int[BATCH][TOKENS];
    for (int prompt = 0; prompt < BATCH; prompt++) {
      for (int pos = 0; pos < TOKENS; pos++) {
        int id = clean.id(prompt, pos);
        ids[prompt][pos] = pos < firstDifference ? id : (id + 1 + pos) % config.dVocab();
      }
    }
    return TokenBatch.of(ids);
  }
}
