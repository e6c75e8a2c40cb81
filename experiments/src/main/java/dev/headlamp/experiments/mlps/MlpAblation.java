package dev.headlamp.experiments.mlps;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a model does without its MLPs. */
public final class MlpAblation {

  /** The row of the model as it is. */
  public static final String NONE = "none";

  /** The row of the model without any MLP. */
  public static final String ALL = "all";

  /** The row of the model with the MLP of layer 0 and no other. */
  public static final String ALL_BUT_FIRST = "all but mlp 0";

  private MlpAblation() {}

  /**
   * Returns what is ablated, row by row after the first: each MLP, all, and all but that of layer
   * 0, in a model that has others.
   */
  public static List<AblationTarget> targets(Gpt2Config config) {
    List<AblationTarget> each = AblationTarget.mlps(config);
    List<AblationTarget> targets = new ArrayList<>(each);
    targets.add(AblationTarget.together(ALL, each));
    if (each.size() > 1) {
      targets.add(AblationTarget.together(ALL_BUT_FIRST, each.subList(1, each.size())));
    }
    return targets;
  }

  /**
   * Measures a behaviour with nothing ablated and with each of the {@link #targets}: {@code
   * [ablated, quantity]}. Rows that were not measured because {@code monitor} cancelled are absent.
   *
   * @throws ArithmeticException if the model gives no numbers
   */
  public static LabelledArray measure(Behaviour behaviour, Hook ablation, SweepMonitor monitor) {
    HookedGpt2 model = behaviour.model();
    List<AblationTarget> targets = targets(model.config());
    List<String> labels = new ArrayList<>(List.of(NONE));
    targets.forEach(target -> labels.add(target.label()));
    int quantities = behaviour.quantities().size();
    double[] values = new double[labels.size() * quantities];
    Arrays.fill(values, LabelledArray.ABSENT);
    for (int row = 0; row < labels.size() && !monitor.stops(); row++) {
      try (HookRegistry hooks = model.newHooks()) {
        if (row > 0) {
          targets.get(row - 1).register(ablation, hooks);
        }
        System.arraycopy(behaviour.measure(hooks), 0, values, row * quantities, quantities);
      }
      monitor.onProgress(row + 1L, labels.size());
    }
    return LabelledArray.of(
        "behaviour without MLPs",
        "",
        List.of(new Axis("ablated", labels), new Axis("quantity", behaviour.quantities())),
        values);
  }
}
