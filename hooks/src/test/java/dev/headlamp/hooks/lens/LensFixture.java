package dev.headlamp.hooks.lens;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import org.nd4j.linalg.api.buffer.DataType;

/** A model of the fixtures and a run of it whose points are all cached. */
record LensFixture(HookedGpt2 model, CachedRun run) implements AutoCloseable {

  /** Two prompts of unequal length, so that the second is padded. */
  static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 42, 8}, new int[] {9, 9, 1});

  static LensFixture of(String name, WeightProcessing processing) throws IOException {
    return of(name, processing, TOKENS, CacheSpec.everything());
  }

  static LensFixture of(String name, WeightProcessing processing, TokenBatch tokens, CacheSpec keep)
      throws IOException {
    HookedGpt2 model = HookedGpt2.load(Fixtures.model(name), DataType.FLOAT, processing);
    return new LensFixture(model, model.runWithCache(tokens, keep));
  }

  ResidualStream stream() {
    return ResidualStream.of(model, run.cache());
  }

  @Override
  public void close() {
    run.close();
    model.close();
  }
}
