package dev.headlamp.hooks.gradients;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.gradients.GradientTape;
import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.DifferentiableMetric;
import dev.headlamp.hooks.HookedGpt2;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Integrated gradients (Sundararajan, Taly and Yan 2017, section 3): the value of one point moves
 * in a straight line from what it is in the target run to what it is in the source run, and each of
 * its entries is credited with {@code (source − target) · ∫ ∂metric/∂value} along the way. The
 * credits add up to the change of the metric from one end to the other, which {@link
 * PathAttribution#completenessError} holds them to.
 *
 * <p>Everything behind the point is computed anew on each step; everything beside it is the target
 * run's. At {@code hook_embed} or {@code hook_resid_pre} the whole prompt passes through the point,
 * and the far end is the source run itself.
 *
 * <p>Immutable. Borrows the model and holds no arrays.
 */
public final class IntegratedGradients {

  private final PatchedPrompts prompts;

  private IntegratedGradients(PatchedPrompts prompts) {
    this.prompts = prompts;
  }

  /**
   * Returns paths from corrupted values to clean ones, in the corrupted run.
   *
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static IntegratedGradients denoising(
      HookedGpt2 model, TokenBatch clean, TokenBatch corrupted, DifferentiableMetric metric) {
    return new IntegratedGradients(
        new PatchedPrompts(model, Direction.DENOISING, clean, corrupted, metric));
  }

  /**
   * Returns paths from clean values to corrupted ones, in the clean run.
   *
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static IntegratedGradients noising(
      HookedGpt2 model, TokenBatch clean, TokenBatch corrupted, DifferentiableMetric metric) {
    return new IntegratedGradients(
        new PatchedPrompts(model, Direction.NOISING, clean, corrupted, metric));
  }

  /** Returns between which runs the paths go. */
  public Direction direction() {
    return prompts.direction();
  }

  /**
   * Returns the credits of one point's entries, from a forward and a backward run for each step.
   *
   * @param rule how to integrate; where its steps are too few, the completeness error shows it
   * @throws IllegalArgumentException if the model has no such point
   */
  public PathAttribution at(HookPoint point, Quadrature rule) {
    point.checkedFor(prompts.config());
    CacheSpec only = CacheSpec.of(point);
    try (CachedRun sourceRun = prompts.model().runWithCache(prompts.source(), only);
        CachedRun targetRun = prompts.model().runWithCache(prompts.target(), only)) {
      INDArray source = sourceRun.cache().get(point);
      INDArray target = targetRun.cache().get(point);
      double[] integral = new double[Math.toIntExact(target.length())];
      for (Quadrature.Node node : rule.nodes()) {
        // Weighted this way the −inf of masked scores stay −inf.
        try (INDArray value = target.mul(1 - node.at());
            INDArray share = source.mul(node.at())) {
          addGradient(integral, point, value.addi(share), node.weight());
        }
      }
      return new PathAttribution(
          point,
          rule,
          prompts,
          new PathAttribution.Ends(metricWith(point, target), metricWith(point, source)),
          target.shape(),
          LinearEffects.of(source, target, integral));
    }
  }

  private void addGradient(double[] integral, HookPoint point, INDArray value, double weight) {
    try (GradientTape tape = replacing(point, value);
        GradientCache cache =
            GradientCache.over(tape, prompts.config(), prompts.target(), prompts.metric())) {
      double[] gradient = LinearEffects.numbers(cache.get(point));
      for (int i = 0; i < integral.length; i++) {
        integral[i] += weight * gradient[i];
      }
    }
  }

  private double metricWith(HookPoint point, INDArray value) {
    try (GradientTape tape = replacing(point, value)) {
      return prompts.metric().mean(tape.logits(), prompts.target());
    }
  }

  private GradientTape replacing(HookPoint point, INDArray value) {
    return GradientTape.recordReplacing(
        prompts.model().engine(), prompts.target(), prompts.metric().reads(), point, value);
  }
}
