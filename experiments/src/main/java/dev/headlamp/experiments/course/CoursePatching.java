package dev.headlamp.experiments.course;

import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;

/**
 * Activation patching of clean values into the corrupted prompts. The numbers are mean logit
 * differences; what was not computed is absent.
 *
 * @param clean the mean logit difference of the clean prompts
 * @param corrupted that of the corrupted prompts
 * @param blocks residual stream, attention output and MLP output: {@code [activation, layer, pos]}
 * @param heads z, q, k, v and pattern of each head: {@code [activation, layer, head]}
 */
public record CoursePatching(
    double clean, double corrupted, LabelledArray blocks, LabelledArray heads) {

  /**
   * Patches everything that the chapter patches.
   *
   * @param monitor told of every patched run
   * @throws IllegalArgumentException if the two prompts of a pair differ in length
   */
  public static CoursePatching run(HookedGpt2 model, CourseTask task, SweepMonitor monitor) {
    int layers = model.config().nLayers();
    long ofBlocks = (long) PatchSweep.everyBlock().size() * layers * task.clean().length();
    long ofHeads = (long) PatchSweep.everyHead().size() * layers * model.config().nHeads();
    SweepMonitor first = new Part(monitor, 0, ofBlocks + ofHeads);
    SweepMonitor second = new Part(monitor, ofBlocks, ofBlocks + ofHeads);
    try (ActivationPatching patching =
        ActivationPatching.denoising(
            model, task.clean(), task.corrupted(), task.logitDifference(model))) {
      return new CoursePatching(
          mean(patching.cleanMetric()),
          mean(patching.corruptedMetric()),
          patching.run(PatchSweep.everyBlock(), first).named("patching by layer and position"),
          patching.run(PatchSweep.everyHead(), second).named("patching by head"));
    }
  }

  /** Reports the progress of a part of the work as that of the whole. */
  private record Part(SweepMonitor whole, long before, long total) implements SweepMonitor {

    @Override
    public void onProgress(long done, long ofThis) {
      whole.onProgress(before + done, total);
    }

    @Override
    public boolean isCancelled() {
      return whole.isCancelled();
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
