package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an experiment puts in the place of a component's output. */
enum AblationKind {
  /** Zeros. */
  ZERO,
  /** The component's mean over all positions of all prompts. */
  MEAN;

  /**
   * An ablation, and what it reads.
   *
   * @param hook the ablation
   * @param means what its means are taken of; null if it needs none
   */
  record Prepared(Hook hook, @Nullable ActivationCache means) implements AutoCloseable {
    @Override
    public void close() {
      if (means != null) {
        means.close();
      }
    }
  }

  /**
   * Returns the ablation of one activation.
   *
   * @param reference the prompts to average over
   */
  Prepared of(HookedGpt2 model, Activation activation, TokenBatch reference) {
    if (this == ZERO) {
      return new Prepared(Ablations.zero(), null);
    }
    CacheSpec spec = CacheSpec.of(activation).stopAt(model.config().nLayers());
    CachedRun run = model.runWithCache(reference, spec);
    run.result().close();
    return new Prepared(Ablations.meanOverPositions(ReferenceSet.of(run.cache())), run.cache());
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
