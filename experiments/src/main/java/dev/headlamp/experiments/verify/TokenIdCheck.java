package dev.headlamp.experiments.verify;

import dev.headlamp.hooks.HookedGpt2;
import java.util.List;
import java.util.Map;

/**
 * The ids of texts that are one token each.
 *
 * @param ids the published id of each text
 */
record TokenIdCheck(Map<String, Integer> ids) implements Check {

  @Override
  public String title() {
    return "token ids";
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    return ids.entrySet().stream().map(entry -> finding(model, entry)).toList();
  }

  private static Finding finding(HookedGpt2 model, Map.Entry<String, Integer> entry) {
    return new Finding.Measured(
        "token id of \"" + entry.getKey() + '"',
        new Expectation.Near(entry.getValue(), 0),
        model.tokenizer().toSingleToken(entry.getKey()));
  }
}
