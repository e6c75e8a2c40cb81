package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;

/**
 * What is left without MLPs (Wang et al. 2022, appendix on MLPs): each by itself, and all but the
 * first, at their mean over the p_ABC prompts of the same template at each position.
 *
 * @param table the mean logit difference of each: {@code [row, quantity]}
 */
public record MlpRoles(LabelledArray table) {

  /** Measures the model without each MLP; those that were computed before the monitor cancelled. */
  public static MlpRoles of(AblatedRuns runs, SweepMonitor monitor) {
    IoiTask task = runs.task();
    Gpt2Config config = task.model().config();
    List<AblationTarget> targets = new ArrayList<>(AblationTarget.mlps(config));
    if (targets.size() > 1) {
      targets.add(AblationTarget.together("all but mlp 0", targets.subList(1, targets.size())));
    }
    CacheSpec mlps = CacheSpec.of(Activation.MLP_OUT).stopAt(config.nLayers());
    ResultTable table =
        ResultTable.of("MLPs knocked out", "mean logit difference", "F", "change")
            .add("none", runs.original(), 0);
    try (CachedRun reference = task.model().runWithCache(task.reference(), mlps)) {
      int[] groups = task.ioi().groups();
      Hook mean =
          Ablations.meanPerPosition(
              ReferenceSet.of(reference.cache()).withinGroups(groups, groups));
      for (int i = 0; i < targets.size() && !monitor.stops(); i++) {
        try (HookRegistry hooks = task.model().newHooks()) {
          targets.get(i).register(mean, hooks);
          double value = runs.logitDifference(hooks);
          table.add(targets.get(i).label(), value, value - runs.original());
        }
        monitor.onProgress(i + 1L, targets.size());
      }
    }
    return new MlpRoles(table.toArray());
  }
}
