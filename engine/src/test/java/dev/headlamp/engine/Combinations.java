package dev.headlamp.engine;

import dev.headlamp.engine.WeightProcessing.Step;
import java.util.ArrayList;
import java.util.List;

/** Every choice of processing steps. */
final class Combinations {

  private Combinations() {}

  static List<WeightProcessing> all() {
    List<WeightProcessing> combinations = new ArrayList<>(List.of(WeightProcessing.none()));
    for (Step step : Step.values()) {
      List<WeightProcessing> without = List.copyOf(combinations);
      without.forEach(some -> combinations.add(some.and(WeightProcessing.of(step))));
    }
    return combinations;
  }
}
