package dev.headlamp.experiments.circuit;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;

/**
 * The task that a circuit is to do: IOI prompts for a model, and the p_ABC prompts that say what is
 * left of an activation that knows none of the names.
 *
 * @param model the model; borrowed
 * @param ioi the prompts
 * @param abc the same prompts with three different random names
 * @param prompts the prompts' tokens
 * @param reference the tokens of the p_ABC prompts, at the same positions
 */
public record IoiTask(
    HookedGpt2 model, IoiDataset ioi, IoiDataset abc, TokenBatch prompts, TokenBatch reference) {

  /**
   * Returns the task of a data set.
   *
   * @param seed draws the names of the p_ABC prompts
   * @throws IllegalArgumentException if there are too few names to draw from
   */
  public static IoiTask of(HookedGpt2 model, IoiDataset ioi, long seed) {
    IoiDataset abc = ioi.flipped(IoiFlip.ABC, seed);
    return new IoiTask(model, ioi, abc, ioi.tokens(), abc.tokens());
  }

  /** Returns logit[IO] − logit[S] at END. */
  public Metric logitDifference() {
    return Metrics.logitDifference(ioi.answers(), ioi.wrong());
  }
}
