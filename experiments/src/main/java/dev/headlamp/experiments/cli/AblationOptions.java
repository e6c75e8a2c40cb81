package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.recipe.Action;
import dev.headlamp.hooks.recipe.AppliedRecipe;
import dev.headlamp.hooks.recipe.Recipe;
import dev.headlamp.hooks.recipe.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Parts of the model to switch off or to change. */
final class AblationOptions {

  @Option(
      names = "--ablate",
      paramLabel = "LAYER.HEAD",
      split = ",",
      converter = HeadName.Converter.class,
      description = "Set the output (z) of a head to zero: 3.5 is head 5 of layer 3; repeatable.")
  private List<HeadName> heads = List.of();

  @Option(
      names = "--interventions",
      paramLabel = "FILE",
      description = "Do what a file of interventions says, after --ablate.")
  private @Nullable Path file;

  /**
   * Returns hooks that do so.
   *
   * @throws InputException if the model has no such head, or the file cannot be applied to it
   */
  AppliedRecipe appliedTo(HookedGpt2 model) {
    List<Step> steps = new ArrayList<>();
    for (HeadName name : heads) {
      name.checkedFor(model.config());
      HookPoint z = HookPoint.of(Activation.Z, name.layer());
      steps.add(new Step(z, Part.everything().heads(name.head()), new Action.Zero()));
    }
    return InputException.blaming(
        () -> {
          Recipe recipe = file == null ? Recipe.of(model, List.of()) : Recipe.read(file);
          steps.addAll(recipe.steps());
          return new Recipe(recipe.model(), steps).applyTo(model);
        });
  }
}
