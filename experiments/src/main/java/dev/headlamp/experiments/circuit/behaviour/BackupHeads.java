package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.lens.LogitTarget;
import dev.headlamp.hooks.lens.ResidualStream;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * What other heads do once the name movers are gone (Wang et al. 2022, section 3.4): the part of
 * the logit difference that each head writes itself, before and after their mean ablation at END.
 *
 * @param model F(M)
 * @param knockedOut F(M \\ name movers)
 * @param before {@code [layer, head]}, in logits
 * @param after {@code [layer, head]}, in logits
 */
public record BackupHeads(
    double model, double knockedOut, LabelledArray before, LabelledArray after) {

  /** Measures what the removal of some heads changes in all others. */
  public static BackupHeads of(AblatedRuns runs, List<CircuitNode> nameMovers) {
    try (HookRegistry none = runs.hooksWithout(List.of());
        HookRegistry without = runs.hooksWithout(nameMovers)) {
      return new BackupHeads(
          runs.original(),
          runs.without(nameMovers),
          written(runs.task(), none).named("direct effect, model as it is"),
          written(runs.task(), without).named("direct effect without the name movers"));
    }
  }

  private static LabelledArray written(IoiTask task, HookRegistry hooks) {
    CacheSpec spec = CacheSpec.of(Activation.Z, Activation.LN_FINAL_SCALE);
    Gpt2Config config = task.model().config();
    try (CachedRun run = task.model().runWithCache(task.prompts(), spec, hooks)) {
      LabelledArray perHead =
          ResidualStream.of(task.model(), run.cache())
              .at(Positions.last())
              .heads()
              .attribution(LogitTarget.difference(task.ioi().answers(), task.ioi().wrong()))
              .mean();
      return LabelledArray.of(
          "direct effect",
          "logit difference",
          List.of(Axis.numbered("layer", config.nLayers()), Axis.numbered("head", config.nHeads())),
          perHead.values());
    }
  }

  /** Returns after less before: heads that take over have more. */
  public LabelledArray gained() {
    double[] gained = after.values();
    double[] had = before.values();
    for (int i = 0; i < gained.length; i++) {
      gained[i] -= had[i];
    }
    return LabelledArray.of("gained without the name movers", after.unit(), after.axes(), gained);
  }
}
