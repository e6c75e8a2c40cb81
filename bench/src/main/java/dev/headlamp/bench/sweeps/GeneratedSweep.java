package dev.headlamp.bench.sweeps;

import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A kind of sweep over the prompts of a workload, on a generated model. */
final class GeneratedSweep implements AutoCloseable {

  private static final int CORRECT = 1;
  private static final int WRONG = 2;

  private final HookedGpt2 model;
  private final TokenBatch clean;
  private final TokenBatch corrupted;
  private final SweepKind kind;

  /** Of each of the kind's sweeps. */
  private final int patches;

  private GeneratedSweep(ModelShape shape, Workload workload, SweepKind kind) {
    this.model = GeneratedModel.of(shape);
    this.clean = workload.clean(shape.config());
    this.corrupted = workload.corrupted(shape.config());
    this.kind = kind;
    this.patches =
        Math.toIntExact(SweepRuns.flops(shape.config(), workload).patches(kind))
            / kind.sweeps().size();
  }

  static GeneratedSweep of(ModelShape shape, Workload workload, SweepKind kind) {
    return new GeneratedSweep(shape, workload, kind);
  }

  /** Returns a choice of patches of each sweep: one of so many consecutive ones; 1 for all. */
  List<int[]> oneOfEvery(int stratum) {
    List<int[]> chosen = new ArrayList<>();
    for (int i = 0; i < kind.sweeps().size(); i++) {
      chosen.add(StratifiedSample.oneOfEvery(stratum, patches, i));
    }
    return chosen;
  }

  /** Returns the values of the given patches of each sweep, sweep by sweep, from the prompts on. */
  double[] values(List<int[]> some) {
    int[] all =
        IntStream.range(0, some.size())
            .flatMap(sweep -> IntStream.of(some.get(sweep)).map(i -> (sweep * patches) + i))
            .toArray();
    try (ActivationPatching patching =
        ActivationPatching.denoising(
            model,
            clean,
            corrupted,
            Metrics.logitDifference(new int[] {CORRECT}, new int[] {WRONG}))) {
      return patching.runSome(kind.sweeps(), all);
    }
  }

  /** Returns one of the sweeps, done naively; to be closed before this. */
  NaiveSweep naively(int sweep) {
    return new NaiveSweep(model, clean, corrupted, kind.sweeps().get(sweep), CORRECT, WRONG);
  }

  @Override
  public void close() {
    model.close();
  }
}
