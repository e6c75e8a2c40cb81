package dev.headlamp.hooks.gradients;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.DifferentiableMetric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.References;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The clean and corrupted prompts of a fixture, and their logit difference. */
record Pairs(TokenBatch clean, TokenBatch corrupted, DifferentiableMetric metric) {

  static Pairs of(String fixture) {
    try (SafetensorsFile reference =
        SafetensorsFile.open(Fixtures.file(fixture, "patching.safetensors"))) {
      int[][] answers = References.rows(reference, "answers");
      return new Pairs(
          References.tokens(reference, "tokens.clean"),
          References.tokens(reference, "tokens.corrupted"),
          Metrics.logitDifference(References.column(answers, 0), References.column(answers, 1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
