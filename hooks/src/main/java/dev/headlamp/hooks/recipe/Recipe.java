package dev.headlamp.hooks.recipe;

import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Interventions as data: which parts of which points, and what is done there. A value, written to a
 * file and read again; applied to a model like the one it was made for it gives the same run.
 *
 * <pre>{@code
 * Recipe recipe = Recipe.of(model, steps);
 * recipe.write(Path.of("ablation.json"));
 * try (AppliedRecipe applied = Recipe.read(Path.of("ablation.json")).applyTo(model)) {
 *   INDArray logits = model.run(tokens, applied.hooks());
 * }
 * }</pre>
 *
 * @param model what it was made for
 * @param steps the interventions, in the order in which they are carried out on one point
 */
public record Recipe(RecipeModel model, List<Step> steps) {

  /** Copies the list. */
  public Recipe {
    Objects.requireNonNull(model, "model");
    steps = List.copyOf(steps);
  }

  /** Returns interventions for models like the given one. */
  public static Recipe of(HookedGpt2 model, List<Step> steps) {
    return new Recipe(RecipeModel.of(model), steps);
  }

  /**
   * Writes this as JSON, and stored arrays as safetensors beside it: {@code ablation.json} and
   * {@code ablation.arrays.safetensors}. Files that are there are replaced.
   *
   * @param file with a name that ends in {@code .json}
   * @throws IOException if a file cannot be written
   * @throws IllegalArgumentException if the name ends in something else
   */
  public void write(Path file) throws IOException {
    RecipeWriter.write(file, this);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws RecipeFormatException if the file is no recipe, or of a later version, or says
   *     something that cannot be: the message names the place
   * @throws IOException if it or the arrays beside it cannot be read
   */
  public static Recipe read(Path file) throws IOException {
    return RecipeReader.read(file);
  }

  /**
   * Makes the hooks, and the runs of prompts that they take values from.
   *
   * @return hooks for runs of the model, to be closed after them
   * @throws IllegalArgumentException if the model is not like the one this was made for, has no
   *     such point or part, or a stored array does not fit a point
   * @throws IllegalStateException if values come from texts and the model has no tokenizer
   */
  public AppliedRecipe applyTo(HookedGpt2 model) {
    this.model.requireLike(model);
    return AppliedRecipe.of(model, steps);
  }
}
