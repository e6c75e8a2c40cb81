package dev.headlamp.hooks.paths;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;

/** A fixture's model, with random prompts of 7, 7 and 5 tokens and others to replace them. */
record Example(HookedGpt2 model, TokenBatch original, TokenBatch replacement, Metric metric)
    implements AutoCloseable {

  private static final int[] LENGTHS = {7, 7, 5};

  static Example of(String fixture) throws IOException {
    return of(fixture, DataType.FLOAT, Padding.RIGHT);
  }

  static Example of(String fixture, DataType type, Padding padding) throws IOException {
    HookedGpt2 model = HookedGpt2.load(Fixtures.model(fixture), type);
    Metric metric = Metrics.logitDifference(new int[] {3, 5, 8}, new int[] {7, 11, 4});
    return new Example(model, prompts(model, 1, padding), prompts(model, 2, padding), metric);
  }

  private static TokenBatch prompts(HookedGpt2 model, long seed, Padding padding) {
    Random random = new Random(seed);
    List<int[]> prompts = new ArrayList<>();
    for (int length : LENGTHS) {
      prompts.add(random.ints(length, 0, model.config().dVocab()).toArray());
    }
    return TokenBatch.padded(prompts, padding, 0);
  }

  PathPatching pathPatching() {
    return PathPatching.of(model, original, replacement, metric);
  }

  EdgePatching edgePatching() {
    return EdgePatching.of(model, original, replacement, metric);
  }

  PlainPathPatching plainPathPatching() {
    return new PlainPathPatching(model, original, replacement, metric);
  }

  @Override
  public void close() {
    model.close();
  }
}
