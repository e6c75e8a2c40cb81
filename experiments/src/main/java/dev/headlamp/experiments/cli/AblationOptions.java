package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import java.util.List;
import picocli.CommandLine.Option;

/** Parts of the model to switch off. */
final class AblationOptions {

  @Option(
      names = "--ablate",
      paramLabel = "LAYER.HEAD",
      split = ",",
      converter = HeadName.Converter.class,
      description = "Set the output (z) of a head to zero: 3.5 is head 5 of layer 3; repeatable.")
  private List<HeadName> heads = List.of();

  /**
   * Returns hooks that do so.
   *
   * @throws InputException if the model has no such head
   */
  HookRegistry hooksFor(HookedGpt2 model) {
    HookRegistry hooks = model.newHooks();
    for (HeadName name : heads) {
      name.checkedFor(model.config());
      hooks.add(
          HookPoint.of(Activation.Z, name.layer()),
          Part.everything().heads(name.head()),
          Interventions.zero());
    }
    return hooks;
  }
}
