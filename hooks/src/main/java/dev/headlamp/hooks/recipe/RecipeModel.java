package dev.headlamp.hooks.recipe;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.HookedGpt2;
import java.util.Objects;

/**
 * What a recipe says of the model it was made for. Sizes and weight processing must be those of the
 * model it is applied to; the name, which depends on how a model was loaded, may differ, and
 * weights are not compared.
 *
 * @param name what the model is called
 * @param nLayers blocks
 * @param nHeads attention heads of a block
 * @param dModel width of the residual stream
 * @param dMlp neurons of an MLP
 * @param dVocab tokens of the vocabulary
 * @param processing what was done to its weights
 */
public record RecipeModel(
    String name,
    int nLayers,
    int nHeads,
    int dModel,
    int dMlp,
    int dVocab,
    WeightProcessing processing) {

  /** Checks that nothing is missing. */
  public RecipeModel {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(processing, "processing");
  }

  /** Returns what is to be said of a model. */
  public static RecipeModel of(HookedGpt2 model) {
    Gpt2Config config = model.config();
    return new RecipeModel(
        config.name(),
        config.nLayers(),
        config.nHeads(),
        config.dModel(),
        config.dMlp(),
        config.dVocab(),
        model.processing());
  }

  /**
   * Checks that a model is like this one.
   *
   * @throws IllegalArgumentException if it differs in a size, or in what was done to its weights
   */
  void requireLike(HookedGpt2 model) {
    RecipeModel other = of(model);
    if (!sizes().equals(other.sizes())) {
      throw new IllegalArgumentException(
          "the recipe was made for %s (%s), not for %s (%s)"
              .formatted(name, sizes(), other.name, other.sizes()));
    }
    if (!processing.equals(other.processing)) {
      throw new IllegalArgumentException(
          "the recipe was made for weights processed by %s, and those of %s are processed by %s"
              .formatted(processing, other.name, other.processing));
    }
  }

  private String sizes() {
    return "%d layers, %d heads, d_model %d, d_mlp %d, vocabulary %d"
        .formatted(nLayers, nHeads, dModel, dMlp, dVocab);
  }
}
