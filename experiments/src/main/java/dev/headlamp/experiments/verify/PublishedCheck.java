package dev.headlamp.experiments.verify;

import dev.headlamp.experiments.enumeration.StoredEnumeration;
import dev.headlamp.hooks.HookedGpt2;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A check, whose figures they are, and of which models.
 *
 * @param models the models' names, without their owners' in front
 * @param source where the figures are published
 * @param kind what is checked, as the file of figures calls it
 */
record PublishedCheck(List<String> models, String source, String kind, Check check) {

  private static final Pattern NAMED =
      Pattern.compile("(?:(?:openai-community|EleutherAI)/)?([^/@]+)(?:@(?:main|[0-9a-f]{40}))?");

  /**
   * Returns whether the figures are of a model, by the name it was loaded by: {@code gpt2}, {@code
   * openai-community/gpt2}, with or without the main revision or a commit behind an {@code @}. A
   * model of the same name by somebody else is another one, and so is a step of a training.
   */
  boolean isOf(String model) {
    Matcher named = NAMED.matcher(model);
    return named.matches() && models.stream().anyMatch(named.group(1)::equalsIgnoreCase);
  }

  /** Returns this check on what a file holds, if that is what it is about. */
  PublishedCheck with(StoredEnumeration stored) {
    return check instanceof EnumerationCheck enumeration
        ? new PublishedCheck(models, source, kind, enumeration.with(stored))
        : this;
  }

  /** Returns the figures of the enumeration of all IOI prompts, if that is what it is about. */
  Optional<PublishedEnumeration> enumeration() {
    return check instanceof EnumerationCheck of
        ? Optional.of(
            new PublishedEnumeration(
                source,
                of.mean().value(),
                of.deviation().value(),
                Math.round(of.belowZero().value()),
                of.slices()))
        : Optional.empty();
  }

  /** Measures a model; one that cannot be measured misses the check. */
  List<Finding> measure(HookedGpt2 model) {
    try {
      return check.measure(model);
    } catch (IllegalArgumentException | IllegalStateException | ArithmeticException e) {
      return List.of(new Finding.Failed(check.title(), String.valueOf(e.getMessage())));
    }
  }
}
