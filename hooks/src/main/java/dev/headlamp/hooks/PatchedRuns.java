package dev.headlamp.hooks;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.VariantRuns;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs of prompts in which a part of one point is taken from another run, and their metric. */
final class PatchedRuns {

  /** Takes what was measured. */
  interface Results {
    /** Takes the mean metric of a patch, by the number it was given. */
    void accept(int patch, double value);
  }

  private record Numbered(int number, Patch patch) {
    Activation activation() {
      return patch.point().activation();
    }
  }

  private final HookedGpt2 model;
  private final TokenBatch source;
  private final TokenBatch target;
  private final Metric metric;

  /**
   * Prepares runs.
   *
   * @param source the prompts that values are taken from
   * @param target the prompts that are run with them
   */
  PatchedRuns(HookedGpt2 model, TokenBatch source, TokenBatch target, Metric metric) {
    this.model = model;
    this.source = source;
    this.target = target;
    this.metric = metric;
  }

  /**
   * Measures patches, together where the model can.
   *
   * @param numbers of the patches to be measured
   * @param patches the patch of a number
   */
  void run(int[] numbers, IntFunction<Patch> patches, SweepMonitor monitor, Results results) {
    Progress progress = new Progress(numbers.length, monitor, results);
    Map<Boolean, List<Numbered>> byWay =
        IntStream.of(numbers)
            .mapToObj(number -> new Numbered(number, patches.apply(number)))
            .collect(
                Collectors.partitioningBy(
                    patch -> VariantRuns.supports(model.engine(), patch.activation())));
    together(byWay.get(true), progress);
    oneByOne(byWay.get(false), progress);
  }

  private static Set<Activation> activations(List<Numbered> patches) {
    return patches.stream().map(Numbered::activation).collect(Collectors.toSet());
  }

  /** A point after the other: patches that a run comes to at the same place can be run together. */
  private void together(List<Numbered> patches, Progress progress) {
    if (patches.isEmpty() || progress.stops()) {
      return;
    }
    List<Numbered> ordered =
        patches.stream().sorted(Comparator.comparing(each -> each.patch().point())).toList();
    Gpt2 engine = model.engine();
    try (VariantRuns runs =
        VariantRuns.of(engine, target, source, metric.reads(), activations(patches))) {
      for (int next = 0; next < ordered.size() && !progress.stops(); ) {
        HookPoint point = ordered.get(next).patch().point();
        INDArray base = runs.baseValue(point);
        INDArray other = runs.sourceValue(point);
        INDArray value = engine.copy(base);
        try {
          for (; next < ordered.size() && !progress.stops(); next++) {
            Numbered each = ordered.get(next);
            if (!each.patch().point().equals(point)) {
              break;
            }
            PartIndex index = each.patch().part().in(point.activation(), target, value.shape());
            index.copyFloats(other, value);
            runs.add(
                point,
                value,
                logits -> progress.accept(each.number(), metric.mean(logits, target)));
            index.copyFloats(base, value);
          }
        } finally {
          engine.recycle(value);
        }
      }
      if (!progress.stops()) {
        runs.finish();
      }
    }
  }

  /** Each patch a run of its own, from its layer on: on every model, and for every activation. */
  void oneByOne(int[] numbers, IntFunction<Patch> patches, SweepMonitor monitor, Results results) {
    oneByOne(
        IntStream.of(numbers)
            .mapToObj(number -> new Numbered(number, patches.apply(number)))
            .toList(),
        new Progress(numbers.length, monitor, results));
  }

  private void oneByOne(List<Numbered> patches, Progress progress) {
    if (patches.isEmpty() || progress.stops()) {
      return;
    }
    CacheSpec residuals = CacheSpec.of(Activation.RESID_PRE).stopAt(model.config().nLayers());
    try (CachedRun from = model.runWithCache(source, sources(activations(patches)));
        CachedRun base = model.runWithCache(target, residuals)) {
      for (int i = 0; i < patches.size() && !progress.stops(); i++) {
        Numbered each = patches.get(i);
        progress.accept(each.number(), patched(base.cache(), from.cache(), each.patch()));
      }
    }
  }

  /** What lies in the blocks is there without the logits. */
  private CacheSpec sources(Set<Activation> activations) {
    CacheSpec cache = CacheSpec.of(activations.toArray(Activation[]::new));
    return activations.stream().allMatch(Activation::perLayer)
        ? cache.stopAt(model.config().nLayers())
        : cache;
  }

  private double patched(ActivationCache base, ActivationCache source, Patch patch) {
    HookPoint point = patch.point();
    INDArray value = source.get(point);
    PartIndex index = patch.part().in(point.activation(), target, value.shape());
    RunSpec spec =
        resumed(base, point).withLogits(metric.reads()).withTap(new PatchTap(point, index, value));
    try (RunResult run = model.engine().run(spec)) {
      return metric.mean(run.logits(), target);
    }
  }

  private RunSpec resumed(ActivationCache base, HookPoint point) {
    RunSpec whole = RunSpec.of(target);
    int layer = point.activation().perLayer() ? point.layer() : 0;
    return layer == 0
        ? whole
        : whole.startAt(layer, base.get(HookPoint.of(Activation.RESID_PRE, layer)));
  }

  /** Tells a monitor of every result. */
  private static final class Progress implements Results {
    private final int total;
    private final SweepMonitor monitor;
    private final Results results;
    private int done;

    Progress(int total, SweepMonitor monitor, Results results) {
      this.total = total;
      this.monitor = monitor;
      this.results = results;
    }

    @Override
    public void accept(int patch, double value) {
      results.accept(patch, value);
      monitor.onProgress(++done, total);
    }

    boolean stops() {
      return monitor.stops();
    }
  }
}
