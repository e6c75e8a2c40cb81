package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.tokenizer.Bos;
import java.util.LinkedHashMap;
import java.util.Map;

/** What reports say of the prompts of an enumeration. */
final class EnumerateFacts {

  private EnumerateFacts() {}

  /** Returns number, kinds and BOS, in the order to show them. */
  static Map<String, String> of(PromptSpace space, Bos bos) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "prompts",
        "%s: %d templates × %d places × %d objects × %d·%d pairs of names; %s different"
            .formatted(
                EnumerationText.whole(space.rows()),
                space.templates().size(),
                space.places().size(),
                space.objects().size(),
                space.names().size(),
                space.names().size() - 1,
                EnumerationText.whole(space.distinctPrompts())));
    facts.put("BOS", bos == Bos.PREPEND ? "in front of each prompt" : "none");
    facts.put("metric", "logit[IO] - logit[S] at the last position");
    return facts;
  }
}
