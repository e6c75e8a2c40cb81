package dev.headlamp.experiments.ioi.log;

import dev.headlamp.engine.Activation;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.KnockOutColumn;
import dev.headlamp.hooks.ablation.KnockOutSweep;
import dev.headlamp.hooks.ablation.KnockOutTable;
import dev.headlamp.hooks.ablation.ReferenceSet;
import dev.headlamp.hooks.metrics.Distance;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * The knock-out of every head, one at a time: at every position its output is put at the mean over
 * prompts of three different names (research log, sections 6 and 7).
 */
public final class HeadKnockOut {

  private HeadKnockOut() {}

  /**
   * Returns what each knock-out changes of the next token. The columns are those of the log: KL,
   * Jensen–Shannon divergence, total variation distance and L2 distance of the distributions, then
   * the probability of IO, that of S, and the logit difference, each original − ablated. Rows are
   * in the order of the heads, layer by layer.
   *
   * @param prompt what to knock heads out on
   * @param baseline prompts of the same template, to take means over
   * @param monitor may end the sweep early; heads that were not reached are absent
   * @throws IllegalArgumentException if the prompts do not fit the model or each other
   * @throws ArithmeticException if the model gives logits that are NaN
   */
  public static KnockOutTable run(
      HookedGpt2 model, IoiDataset prompt, IoiDataset baseline, SweepMonitor monitor) {
    int layers = model.config().nLayers();
    CacheSpec outputs = CacheSpec.of(Activation.Z).stopAt(layers);
    try (KnockOutSweep sweep = KnockOutSweep.of(model, prompt.tokens());
        CachedRun reference = model.runWithCache(baseline.tokens(), outputs)) {
      Hook mean = Ablations.meanPerPosition(ReferenceSet.of(reference.cache()));
      return sweep.run(AblationTarget.heads(model.config()), mean, columns(prompt), monitor);
    }
  }

  private static List<KnockOutColumn> columns(IoiDataset prompt) {
    return List.of(
        KnockOutColumn.of(Distance.KL),
        KnockOutColumn.of(Distance.JENSEN_SHANNON),
        KnockOutColumn.of(Distance.TOTAL_VARIATION),
        KnockOutColumn.of(Distance.L2),
        KnockOutColumn.probability("IO", prompt.answers()),
        KnockOutColumn.probability("S", prompt.wrong()),
        KnockOutColumn.logitDifference(prompt.answers(), prompt.wrong()));
  }

  /**
   * Returns one column of an unranked table by head, {@code [layer, head]}.
   *
   * @param column counted from 0, as {@link #run} lists them
   * @throws IllegalArgumentException if the table has no such column
   */
  public static LabelledArray grid(HookedGpt2 model, KnockOutTable table, int column) {
    String label = table.columns().get(column).label();
    return LabelledArray.of(
        label,
        label,
        List.of(
            Axis.numbered("layer", model.config().nLayers()),
            Axis.numbered("head", model.config().nHeads())),
        table.means().slice("quantity", column).values());
  }
}
