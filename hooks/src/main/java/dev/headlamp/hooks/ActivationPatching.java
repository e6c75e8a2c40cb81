package dev.headlamp.hooks;

import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Activation patching: runs of one set of prompts in which one value at a time is taken from a run
 * of another set, and a metric that says what that changed.
 *
 * <p>Denoising patches clean values into the corrupted run: what suffices to restore the behaviour?
 * Noising patches corrupted values into the clean run: what is needed to keep it? (Heimersheim and
 * Nanda 2024, "How to use and interpret activation patching"; TransformerLens' {@code patching.py}
 * denoises.)
 *
 * <p>A patch cannot change anything below its layer, nor, attention being causal, in front of its
 * position. In float32 on a CPU many patched runs are computed together, each from its patch on
 * ({@link dev.headlamp.engine.VariantRuns}); elsewhere one by one, each from its layer on.
 */
public final class ActivationPatching implements AutoCloseable {

  /** From which run values are taken, and into which they are put. */
  public enum Direction {
    /** Clean values into the corrupted run. */
    DENOISING("denoising"),
    /** Corrupted values into the clean run. */
    NOISING("noising");

    private final String label;

    Direction(String label) {
      this.label = label;
    }

    /** Returns the field's name for this direction: {@code denoising} or {@code noising}. */
    public String label() {
      return label;
    }
  }

  private final HookedGpt2 model;
  private final Direction direction;
  private final TokenBatch clean;
  private final TokenBatch corrupted;
  private final Metric metric;
  private boolean closed;

  private ActivationPatching(
      HookedGpt2 model,
      Direction direction,
      TokenBatch clean,
      TokenBatch corrupted,
      Metric metric) {
    this.model = Objects.requireNonNull(model, "model");
    this.direction = direction;
    this.clean = clean;
    this.corrupted = corrupted;
    this.metric = Objects.requireNonNull(metric, "metric");
    PromptPairs.checkAligned("clean", clean, "corrupted", corrupted);
  }

  /**
   * Returns patching of clean values into the corrupted run.
   *
   * @param metric larger is better for the clean behaviour, by custom
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static ActivationPatching denoising(
      HookedGpt2 model, TokenBatch clean, TokenBatch corrupted, Metric metric) {
    return new ActivationPatching(model, Direction.DENOISING, clean, corrupted, metric);
  }

  /**
   * Returns patching of corrupted values into the clean run.
   *
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static ActivationPatching noising(
      HookedGpt2 model, TokenBatch clean, TokenBatch corrupted, Metric metric) {
    return new ActivationPatching(model, Direction.NOISING, clean, corrupted, metric);
  }

  /** Returns which values go where. */
  public Direction direction() {
    return direction;
  }

  private TokenBatch source() {
    return direction == Direction.DENOISING ? clean : corrupted;
  }

  private TokenBatch target() {
    return direction == Direction.DENOISING ? corrupted : clean;
  }

  /** Returns the metric of each clean prompt, unpatched. */
  public double[] cleanMetric() {
    return measure(clean);
  }

  /** Returns the metric of each corrupted prompt, unpatched. */
  public double[] corruptedMetric() {
    return measure(corrupted);
  }

  private double[] measure(TokenBatch tokens) {
    try (RunResult run = model.engine().run(RunSpec.of(tokens).withLogits(metric.reads()))) {
      return metric.perPrompt(run.logits(), tokens);
    }
  }

  /**
   * Returns the mean metric of every patched run of a sweep, with the sweep's axes.
   *
   * @throws IllegalStateException if this is closed
   */
  public LabelledArray run(PatchSweep sweep) {
    return run(sweep, SweepMonitor.NONE);
  }

  /**
   * Returns the mean metric of every patched run of a sweep, with the sweep's axes; what was not
   * computed because {@code monitor} cancelled, or the thread was interrupted, is absent.
   *
   * @throws IllegalStateException if this is closed
   */
  public LabelledArray run(PatchSweep sweep, SweepMonitor monitor) {
    checkOpen();
    PatchGrid grid = new PatchGrid(sweep, model.config(), target());
    double[] values = new double[Math.toIntExact(grid.size())];
    Arrays.fill(values, LabelledArray.ABSENT);
    int[] all = IntStream.range(0, values.length).toArray();
    measure(grid, sweep, all, monitor, (patch, value) -> values[patch] = value);
    String name = direction.label() + ": " + sweep.title();
    List<Axis> axes = sweep.resultAxes(model.config(), PositionLabels.of(model, clean));
    return LabelledArray.of(name, metric.name(), axes, values);
  }

  /**
   * Returns the mean metric of some patches of a sweep, {@code [chosen]}.
   *
   * @param chosen their places among the values of the whole sweep's result
   * @throws IllegalArgumentException if the sweep has no such patch
   * @throws IllegalStateException if this is closed
   */
  public double[] runSome(PatchSweep sweep, int... chosen) {
    checkOpen();
    PatchGrid grid = new PatchGrid(sweep, model.config(), target());
    for (int patch : chosen) {
      if (patch < 0 || patch >= grid.size()) {
        throw new IllegalArgumentException(
            "patch %d is out of range: %s has patches 0 to %d"
                .formatted(patch, sweep.title(), grid.size() - 1));
      }
    }
    Map<Integer, Double> values = new HashMap<>();
    int[] distinct = IntStream.of(chosen).distinct().toArray();
    measure(grid, sweep, distinct, SweepMonitor.NONE, values::put);
    return IntStream.of(chosen).mapToDouble(values::get).toArray();
  }

  private void measure(
      PatchGrid grid,
      PatchSweep sweep,
      int[] patches,
      SweepMonitor monitor,
      PatchedRuns.Results results) {
    try (CachedRun sourceRun = model.runWithCache(source(), sources(sweep))) {
      new PatchedRuns(model, target(), metric)
          .run(sweep.activation(), sourceRun.cache(), patches, grid::patch, monitor, results);
    }
  }

  /** What lies in the blocks is there without the logits. */
  private CacheSpec sources(PatchSweep sweep) {
    CacheSpec cache = CacheSpec.of(sweep.activation());
    return sweep.activation().perLayer() ? cache.stopAt(model.config().nLayers()) : cache;
  }

  /**
   * Returns the results of several sweeps of one shape, stacked along a first axis that names the
   * activations, as {@link PatchSweep#everyHead} and its like are meant to be run.
   *
   * @throws IllegalArgumentException if the sweeps' results differ in shape
   * @throws IllegalStateException if this is closed
   */
  public LabelledArray run(List<PatchSweep> sweeps, SweepMonitor monitor) {
    List<LabelledArray> results = new ArrayList<>();
    long before = 0;
    long total =
        sweeps.stream()
            .mapToLong(sweep -> new PatchGrid(sweep, model.config(), target()).size())
            .sum();
    for (PatchSweep sweep : sweeps) {
      results.add(run(sweep, new PartialMonitor(monitor, before, total)));
      before += results.get(results.size() - 1).size();
    }
    Axis activations =
        new Axis(
            "activation", sweeps.stream().map(sweep -> sweep.activation().shortName()).toList());
    return LabelledArray.stack(direction.label(), activations, results);
  }

  /** Reports the progress of one of several sweeps as progress of them all. */
  private record PartialMonitor(SweepMonitor whole, long before, long total)
      implements SweepMonitor {

    @Override
    public void onProgress(long done, long ofThis) {
      whole.onProgress(before + done, total);
    }

    @Override
    public boolean isCancelled() {
      return whole.isCancelled();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this activation patching is closed");
    }
  }

  /** Ends this; a sweep frees what it held by itself. Closing again has no effect. */
  @Override
  public void close() {
    closed = true;
  }
}
