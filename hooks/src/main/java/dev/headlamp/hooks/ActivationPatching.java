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
import java.util.stream.Collectors;
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
    return results(List.of(sweep), monitor).get(0);
  }

  /**
   * Returns the results of several sweeps of one shape, stacked along a first axis that names the
   * activations, as {@link PatchSweep#everyHead} and its like are meant to be run. The sweeps share
   * the unpatched runs, and are computed together where that is faster, in the order of the points.
   * What was not computed because {@code monitor} cancelled is absent, as of a single sweep.
   *
   * @throws IllegalArgumentException if the sweeps' results differ in shape, or there is no sweep
   * @throws IllegalStateException if this is closed
   */
  public LabelledArray run(List<PatchSweep> sweeps, SweepMonitor monitor) {
    checkOneShape(sweeps);
    Axis activations =
        new Axis(
            "activation", sweeps.stream().map(sweep -> sweep.activation().shortName()).toList());
    return LabelledArray.stack(direction.label(), activations, results(sweeps, monitor));
  }

  /** Before anything is computed that could not be handed out. */
  private void checkOneShape(List<PatchSweep> sweeps) {
    if (sweeps.isEmpty()) {
      throw new IllegalArgumentException("at least one sweep is needed");
    }
    PatchSweep first = sweeps.get(0);
    List<Integer> shape = shape(first);
    for (PatchSweep sweep : sweeps) {
      if (!shape(sweep).equals(shape)) {
        throw new IllegalArgumentException(
            "results of one shape can be stacked: '%s' has %s and '%s' %s"
                .formatted(first.title(), shape, sweep.title(), shape(sweep)));
      }
    }
  }

  private List<Integer> shape(PatchSweep sweep) {
    return axes(sweep).stream().map(Axis::length).toList();
  }

  private List<Axis> axes(PatchSweep sweep) {
    return sweep.resultAxes(model.config(), PositionLabels.of(model, clean));
  }

  private List<LabelledArray> results(List<PatchSweep> sweeps, SweepMonitor monitor) {
    checkOpen();
    PatchGrids grids = new PatchGrids(sweeps, model.config(), target());
    double[] values = new double[grids.size()];
    Arrays.fill(values, LabelledArray.ABSENT);
    measure(
        grids,
        IntStream.range(0, values.length).toArray(),
        monitor,
        (patch, value) -> values[patch] = value);
    List<LabelledArray> results = new ArrayList<>();
    for (int i = 0; i < sweeps.size(); i++) {
      String name = direction.label() + ": " + sweeps.get(i).title();
      double[] own = Arrays.copyOfRange(values, grids.start(i), grids.start(i + 1));
      results.add(LabelledArray.of(name, metric.name(), axes(sweeps.get(i)), own));
    }
    return results;
  }

  /**
   * Returns the mean metric of some patches of a sweep, {@code [chosen]}.
   *
   * @param chosen their places among the values of the whole sweep's result
   * @throws IllegalArgumentException if the sweep has no such patch
   * @throws IllegalStateException if this is closed
   */
  public double[] runSome(PatchSweep sweep, int... chosen) {
    return runSome(List.of(sweep), chosen);
  }

  /**
   * Returns the mean metric of some patches of several sweeps, {@code [chosen]}; the sweeps share
   * the unpatched runs.
   *
   * @param chosen their places among the values of the whole sweeps' results, one result behind the
   *     other
   * @throws IllegalArgumentException if the sweeps have no such patch
   * @throws IllegalStateException if this is closed
   */
  public double[] runSome(List<PatchSweep> sweeps, int... chosen) {
    checkOpen();
    PatchGrids grids = new PatchGrids(sweeps, model.config(), target());
    for (int patch : chosen) {
      if (patch < 0 || patch >= grids.size()) {
        throw new IllegalArgumentException(
            "patch %d is out of range: %s has patches 0 to %d"
                .formatted(
                    patch,
                    sweeps.stream().map(PatchSweep::title).collect(Collectors.joining(" and ")),
                    grids.size() - 1));
      }
    }
    Map<Integer, Double> values = new HashMap<>();
    int[] distinct = IntStream.of(chosen).distinct().toArray();
    measure(grids, distinct, SweepMonitor.NONE, values::put);
    return IntStream.of(chosen).mapToDouble(values::get).toArray();
  }

  private void measure(
      PatchGrids grids, int[] patches, SweepMonitor monitor, PatchedRuns.Results results) {
    new PatchedRuns(model, source(), target(), metric).run(patches, grids::patch, monitor, results);
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
