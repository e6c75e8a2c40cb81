package dev.headlamp.bench.sweeps;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.PatchSweep;
import java.nio.FloatBuffer;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A sweep done as one does it without a library for it: a whole run with all logits for each patch.
 * Shares no code with {@link dev.headlamp.hooks.ActivationPatching}, whose results are compared
 * with it.
 */
final class NaiveSweep implements AutoCloseable {

  private final HookedGpt2 model;
  private final TokenBatch corrupted;
  private final PatchSweep sweep;
  private final CachedRun clean;
  private final int correct;
  private final int wrong;

  /** Runs the clean prompts, whose values are put into runs of the corrupted ones. */
  NaiveSweep(
      HookedGpt2 model,
      TokenBatch clean,
      TokenBatch corrupted,
      PatchSweep sweep,
      int correct,
      int wrong) {
    this.model = model;
    this.corrupted = corrupted;
    this.sweep = sweep;
    this.clean = model.runWithCache(clean, CacheSpec.of(sweep.activation()));
    this.correct = correct;
    this.wrong = wrong;
  }

  /**
   * Returns the mean logit difference at the last position with one patch made, of a run that
   * computes only the two logits: the same number in less time.
   */
  double logitDifferenceOnly(int patch) {
    try (RunResult run =
        model
            .engine()
            .run(patched(patch).withLogits(LogitSelection.last().tokens(correct, wrong)))) {
      double sum = 0;
      for (int prompt = 0; prompt < corrupted.batch(); prompt++) {
        sum += run.logits().getDouble(prompt, 0, 0) - run.logits().getDouble(prompt, 0, 1);
      }
      return sum / corrupted.batch();
    }
  }

  /** Returns the mean logit difference at the last position with one patch made. */
  double logitDifference(int patch) {
    try (RunResult run = model.engine().run(patched(patch))) {
      double sum = 0;
      for (int prompt = 0; prompt < corrupted.batch(); prompt++) {
        int last = corrupted.lastPos(prompt);
        sum +=
            run.logits().getDouble(prompt, last, correct)
                - run.logits().getDouble(prompt, last, wrong);
      }
      return sum / corrupted.batch();
    }
  }

  private RunSpec patched(int patch) {
    return RunSpec.of(corrupted).withTap(new OnePatch(coordinates(patch)));
  }

  /** Returns the entry of each axis of the sweep, the last axis fastest. */
  private int[] coordinates(int patch) {
    List<PatchAxis> axes = sweep.axes();
    int[] coordinates = new int[axes.size()];
    int rest = patch;
    for (int axis = axes.size() - 1; axis >= 0; axis--) {
      int size =
          switch (axes.get(axis)) {
            case LAYER -> model.config().nLayers();
            case HEAD -> model.config().nHeads();
            case POS, DEST, SOURCE -> corrupted.length();
          };
      coordinates[axis] = rest % size;
      rest /= size;
    }
    return coordinates;
  }

  private final class OnePatch implements Tap {
    private final int[] coordinates;
    private final HookPoint point;

    OnePatch(int[] coordinates) {
      this.coordinates = coordinates;
      this.point = HookPoint.of(sweep.activation(), entry(PatchAxis.LAYER, 0));
    }

    private int entry(PatchAxis axis, int otherwise) {
      int index = sweep.axes().indexOf(axis);
      return index < 0 ? otherwise : coordinates[index];
    }

    @Override
    public Interest interest(HookPoint candidate) {
      return candidate.equals(point) ? Interest.OVERWRITE : Interest.NONE;
    }

    @Override
    public INDArray offer(HookPoint candidate, INDArray value) {
      ActivationCache cache = clean.cache();
      FloatBuffer from = cache.get(point).data().asNioFloat();
      FloatBuffer to = value.data().asNioFloat();
      int length = Math.toIntExact(value.length());
      int fromStart = from.position();
      int toStart = to.position();
      int[] shape = shape(value);
      for (int i = 0; i < length; i++) {
        if (isPatched(i, shape)) {
          to.put(toStart + i, from.get(fromStart + i));
        }
      }
      return value;
    }

    private boolean isPatched(int element, int[] shape) {
      int rest = element / shape[3];
      int third = rest % shape[2];
      int second = rest / shape[2] % shape[1];
      return sweep.activation() == Activation.PATTERN
          ? is(PatchAxis.HEAD, second)
              && is(PatchAxis.DEST, third)
              && is(PatchAxis.SOURCE, element % shape[3])
          : is(PatchAxis.POS, second) && is(PatchAxis.HEAD, third);
    }

    private boolean is(PatchAxis axis, int entry) {
      return entry(axis, entry) == entry;
    }
  }

  /** Returns the four axes: a residual stream counts as one of a single head. */
  private static int[] shape(INDArray value) {
    long[] shape = value.shape();
    return shape.length == 3
        ? new int[] {(int) shape[0], (int) shape[1], 1, (int) shape[2]}
        : new int[] {(int) shape[0], (int) shape[1], (int) shape[2], (int) shape[3]};
  }

  @Override
  public void close() {
    clean.close();
  }
}
