package dev.headlamp.experiments.verify;

import dev.headlamp.hooks.HookedGpt2;
import java.util.List;
import java.util.Locale;

/**
 * A check, whose figures they are, and of which models.
 *
 * @param models the models' names, without their owners' in front
 * @param source where the figures are published
 */
record PublishedCheck(List<String> models, String source, Check check) {

  /** Returns whether the figures are of a model, {@code gpt2} or {@code openai-community/gpt2}. */
  boolean isOf(String model) {
    String own = model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return models.stream().anyMatch(name -> name.toLowerCase(Locale.ROOT).equals(own));
  }

  /** Measures a model; one that cannot be measured misses the check. */
  List<Finding> measure(HookedGpt2 model) {
    try {
      return check.measure(model);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return List.of(new Finding.Failed(check.title(), String.valueOf(e.getMessage())));
    }
  }
}
