package dev.headlamp.experiments.ioi.log;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiTemplate;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.NextTokens;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a model says after a template in one form, over random names (research log, section 5).
 *
 * @param template the template
 * @param form the form
 * @param asExpected the share of prompts whose most probable token is the name that is to be
 *     expected; after ABC, none of the three names
 * @param probability the mean probability of the name that is to be expected; after ABC, of the
 *     three names together
 * @param commonest the token that is most often the most probable one
 * @param commonestShare the share of prompts after which it is
 */
public record FormOutcome(
    IoiTemplate template,
    NameForm form,
    double asExpected,
    double probability,
    int commonest,
    double commonestShare) {

  /**
   * Runs a model on random names.
   *
   * @param samples how many
   * @throws IllegalArgumentException if the prompts do not fit the model, or there are too few
   *     names
   */
  public static FormOutcome measure(
      HookedGpt2 model,
      IoiVocabulary vocabulary,
      IoiTemplate template,
      NameForm form,
      int samples,
      long seed) {
    IoiDataset prompts = form.draw(vocabulary, template, samples, seed);
    List<NextToken> next = NextTokens.after(model, prompts);
    Map<Integer, Integer> counts = new HashMap<>();
    double expected = 0;
    double probability = 0;
    for (int i = 0; i < next.size(); i++) {
      int first = next.get(i).top(1).get(0).token();
      List<Integer> names = names(vocabulary, prompts.prompts().get(i), form);
      expected += names.contains(first) == (form != NameForm.ABC) ? 1 : 0;
      probability += names.stream().mapToDouble(next.get(i)::probability).sum();
      counts.merge(first, 1, Integer::sum);
    }
    Map.Entry<Integer, Integer> commonest =
        counts.entrySet().stream()
            .max(Map.Entry.<Integer, Integer>comparingByValue())
            .orElseThrow();
    return new FormOutcome(
        template,
        form,
        expected / samples,
        probability / samples,
        commonest.getKey(),
        (double) commonest.getValue() / samples);
  }

  private static List<Integer> names(IoiVocabulary vocabulary, IoiPrompt prompt, NameForm form) {
    List<String> names = new ArrayList<>(List.of(prompt.indirectObject()));
    if (form == NameForm.ABC) {
      Stream.of(prompt.subject1(), prompt.subject2()).forEach(names::add);
    }
    return names.stream().map(vocabulary::token).toList();
  }
}
