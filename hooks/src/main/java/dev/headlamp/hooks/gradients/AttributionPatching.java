package dev.headlamp.hooks.gradients;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.gradients.GradientTape;
import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.DifferentiableMetric;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Activation patching to first order: the effect of patching a value is about {@code (source −
 * target) · ∂metric/∂value}, the gradient taken in the target run (Nanda 2023, "Attribution
 * patching: activation patching at industrial scale"). Two forward runs and one backward run give
 * the effects of every patch of any number of sweeps.
 *
 * <p>It departs from {@link ActivationPatching} where the metric is far from linear between the two
 * values: at the residual stream of early layers, and in layer norms and softmaxes that saturate.
 * {@link #compare} says how far.
 *
 * <p>Immutable. Borrows the model and holds no arrays.
 */
public final class AttributionPatching {

  private final PatchedPrompts prompts;

  private AttributionPatching(PatchedPrompts prompts) {
    this.prompts = prompts;
  }

  /**
   * Returns patching of clean values into the corrupted run.
   *
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static AttributionPatching denoising(
      HookedGpt2 model, TokenBatch clean, TokenBatch corrupted, DifferentiableMetric metric) {
    return new AttributionPatching(
        new PatchedPrompts(model, Direction.DENOISING, clean, corrupted, metric));
  }

  /**
   * Returns patching of corrupted values into the clean run.
   *
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static AttributionPatching noising(
      HookedGpt2 model, TokenBatch clean, TokenBatch corrupted, DifferentiableMetric metric) {
    return new AttributionPatching(
        new PatchedPrompts(model, Direction.NOISING, clean, corrupted, metric));
  }

  /** Returns which values would go where. */
  public Direction direction() {
    return prompts.direction();
  }

  /**
   * Returns the estimated change of the mean metric by each patch of a sweep, with the sweep's
   * axes.
   *
   * @throws IllegalArgumentException if the sweep lacks the layer axis
   */
  public LabelledArray run(PatchSweep sweep) {
    return run(List.of(sweep)).get(0);
  }

  /**
   * Returns the results of several sweeps, of any shapes, from the same three runs.
   *
   * @throws IllegalArgumentException if there is no sweep, or one lacks the layer axis
   */
  public List<LabelledArray> run(List<PatchSweep> sweeps) {
    List<String> positions = prompts.positionLabels();
    List<AxisSums> sums =
        sweeps.stream()
            .map(sweep -> new AxisSums(sweep.axes(), sweep.resultAxes(prompts.config(), positions)))
            .toList();
    addEffects(sweeps, sums);
    List<LabelledArray> results = new ArrayList<>();
    for (int i = 0; i < sweeps.size(); i++) {
      results.add(sums.get(i).result("estimated " + name(sweeps.get(i)), unit()));
    }
    return results;
  }

  private void addEffects(List<PatchSweep> sweeps, List<AxisSums> sums) {
    Set<HookPoint> points = points(sweeps);
    HookedGpt2 model = prompts.model();
    try (CachedRun source = model.runWithCache(prompts.source(), CacheSpec.of(points::contains));
        GradientTape target =
            GradientTape.record(
                model.engine(), prompts.target(), prompts.metric().reads(), points, points);
        GradientCache gradients =
            GradientCache.over(target, prompts.config(), prompts.target(), prompts.metric())) {
      for (HookPoint point : gradients.points()) {
        INDArray gradient = gradients.get(point);
        double[] effects =
            LinearEffects.of(
                source.cache().get(point), target.value(point), LinearEffects.numbers(gradient));
        for (int i = 0; i < sweeps.size(); i++) {
          if (sweeps.get(i).activation() == point.activation()) {
            sums.get(i).add(point, gradient.shape(), effects);
          }
        }
      }
    }
  }

  private Set<HookPoint> points(List<PatchSweep> sweeps) {
    Set<Activation> swept = sweeps.stream().map(PatchSweep::activation).collect(Collectors.toSet());
    return HookPoint.all(prompts.config()).stream()
        .filter(point -> swept.contains(point.activation()))
        .collect(Collectors.toSet());
  }

  /**
   * Returns the estimates of a sweep beside what {@link ActivationPatching} measures, which takes
   * one run for each patch.
   *
   * @throws IllegalArgumentException if the sweep lacks the layer axis
   */
  public ApproximationReport compare(PatchSweep sweep) {
    return compare(sweep, SweepMonitor.NONE);
  }

  /**
   * Returns the estimates of a sweep beside what {@link ActivationPatching} measures; what was not
   * measured because {@code monitor} cancelled, or the thread was interrupted, is absent.
   *
   * @throws IllegalArgumentException if the sweep lacks the layer axis
   */
  public ApproximationReport compare(PatchSweep sweep, SweepMonitor monitor) {
    LabelledArray estimated = run(sweep);
    try (ActivationPatching patching = activationPatching()) {
      double unpatched =
          Arrays.stream(
                  direction() == Direction.DENOISING
                      ? patching.corruptedMetric()
                      : patching.cleanMetric())
              .average()
              .orElseThrow();
      LabelledArray patched = patching.run(sweep, monitor);
      double[] effects = patched.stream().map(value -> value - unpatched).toArray();
      return new ApproximationReport(
          estimated, LabelledArray.of("measured " + name(sweep), unit(), patched.axes(), effects));
    }
  }

  private ActivationPatching activationPatching() {
    return direction() == Direction.DENOISING
        ? ActivationPatching.denoising(
            prompts.model(), prompts.clean(), prompts.corrupted(), prompts.metric())
        : ActivationPatching.noising(
            prompts.model(), prompts.clean(), prompts.corrupted(), prompts.metric());
  }

  private String name(PatchSweep sweep) {
    return "effect of " + direction().label() + ": " + sweep.title();
  }

  private String unit() {
    return "change of the " + prompts.metric().name();
  }
}
