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
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs of prompts in which a part of one point is taken from another run, and their metric. */
final class PatchedRuns {

  /** Takes what was measured. */
  interface Results {
    /** Takes the mean metric of a patch, by the number it was given. */
    void accept(int patch, double value);
  }

  private final HookedGpt2 model;
  private final TokenBatch target;
  private final Metric metric;

  PatchedRuns(HookedGpt2 model, TokenBatch target, Metric metric) {
    this.model = model;
    this.target = target;
    this.metric = metric;
  }

  /**
   * Measures patches of one activation, together where the model can.
   *
   * @param source what is put in: the activation's points of the other run, borrowed
   * @param numbers of the patches to be measured
   * @param patches the patch of a number
   */
  void run(
      Activation activation,
      ActivationCache source,
      int[] numbers,
      IntFunction<Patch> patches,
      SweepMonitor monitor,
      Results results) {
    if (VariantRuns.supports(model.engine(), activation)) {
      together(activation, source, numbers, patches, monitor, results);
    } else {
      oneByOne(source, numbers, patches, monitor, results);
    }
  }

  /** A layer after the other: patches of one layer can be run together. */
  private void together(
      Activation activation,
      ActivationCache source,
      int[] numbers,
      IntFunction<Patch> patches,
      SweepMonitor monitor,
      Results results) {
    Progress progress = new Progress(numbers.length, monitor, results);
    List<Integer> byLayer =
        IntStream.of(numbers)
            .boxed()
            .sorted(Comparator.comparingInt(number -> patches.apply(number).point().layer()))
            .toList();
    Gpt2 engine = model.engine();
    try (VariantRuns runs = VariantRuns.of(engine, target, metric.reads(), activation)) {
      for (int from = 0; from < byLayer.size() && !monitor.stops(); ) {
        HookPoint point = patches.apply(byLayer.get(from)).point();
        INDArray base = runs.baseValue(point);
        INDArray value = engine.copy(base);
        try {
          for (; from < byLayer.size() && !monitor.stops(); from++) {
            int number = byLayer.get(from);
            Patch patch = patches.apply(number);
            if (!patch.point().equals(point)) {
              break;
            }
            PartIndex index = patch.part().in(activation, target, value.shape());
            index.copyFloats(source.get(point), value);
            runs.add(point, value, logits -> progress.accept(number, metric.mean(logits, target)));
            index.copyFloats(base, value);
          }
        } finally {
          engine.recycle(value);
        }
      }
      if (!monitor.stops()) {
        runs.finish();
      }
    }
  }

  /** Each patch a run of its own, from its layer on: on every model, and for every activation. */
  void oneByOne(
      ActivationCache source,
      int[] numbers,
      IntFunction<Patch> patches,
      SweepMonitor monitor,
      Results results) {
    Progress progress = new Progress(numbers.length, monitor, results);
    CacheSpec residuals = CacheSpec.of(Activation.RESID_PRE).stopAt(model.config().nLayers());
    try (CachedRun base = model.runWithCache(target, residuals)) {
      for (int i = 0; i < numbers.length && !monitor.stops(); i++) {
        progress.accept(numbers[i], patched(base.cache(), source, patches.apply(numbers[i])));
      }
    }
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
  }
}
