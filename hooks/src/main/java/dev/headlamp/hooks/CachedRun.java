package dev.headlamp.hooks;

import dev.headlamp.engine.RunResult;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A run and what its points held. Closing it frees both.
 *
 * @param result what the run returned
 * @param cache what its points held
 */
public record CachedRun(RunResult result, ActivationCache cache) implements AutoCloseable {

  /**
   * Returns the logits {@code [batch, pos, d_vocab]}, owned by this run.
   *
   * @throws IllegalStateException if the run was stopped before the logits
   */
  public INDArray logits() {
    return result.logits();
  }

  /** Frees the result and the cache. Closing again has no effect. */
  @Override
  public void close() {
    result.close();
    cache.close();
  }
}
