package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** How IOI prompts are drawn and tokenized. */
final class IoiOptions {

  private static final int MOST_PROMPTS = 100_000;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What is drawn at random; one seed draws the same. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--no-bos",
      description = {
        "Put no beginning-of-sequence token in front of prompts. The IOI paper puts none,"
            + " TransformerLens and ARENA do."
      })
  private boolean noBos;

  @Option(
      names = "--skip-unknown-names",
      description = "Leave out names, places and objects that are not one token of this model.")
  private boolean skipUnknown;

  /**
   * Checks how many prompts are asked for.
   *
   * @throws InputException if none, or too many
   */
  static void requireSize(int size) {
    if (size < 1 || size > MOST_PROMPTS) {
      throw new InputException("--size must be 1 to %d, not %d".formatted(MOST_PROMPTS, size));
    }
  }

  long seed() {
    return seed;
  }

  Bos bos() {
    return noBos ? Bos.NONE : Bos.PREPEND;
  }

  /**
   * Returns words as tokens of a model.
   *
   * @throws InputException if a word is not one token and is not to be left out, listing all; if
   *     the model has no tokenizer; or if a prompt would be longer than the model can see
   */
  IoiVocabulary vocabulary(HookedGpt2 model, IoiWords words) {
    return InputException.blaming(
        () -> {
          List<String> unknown = words.unknownTo(model.tokenizer());
          if (!unknown.isEmpty() && !skipUnknown) {
            throw new InputException(
                "%s are not single tokens of %s: --skip-unknown-names leaves them out"
                    .formatted(quoted(unknown), model.config().name()));
          }
          IoiVocabulary vocabulary =
              IoiVocabulary.of(words.without(unknown), model.tokenizer(), bos());
          requireRoomFor(vocabulary.longest(), model);
          return vocabulary;
        });
  }

  private static void requireRoomFor(int longest, HookedGpt2 model) {
    if (longest > model.config().nCtx()) {
      throw new InputException(
          "the longest prompt has %d tokens: %s sees at most %d"
              .formatted(longest, model.config().name(), model.config().nCtx()));
    }
  }

  /** Returns what reports say of how prompts were drawn, in the order to show it. */
  Map<String, String> facts(HookedGpt2 model, IoiWords published, IoiVocabulary used) {
    Map<String, String> facts = ModelFacts.of(model);
    facts.put(
        "BOS", noBos ? "none" : model.tokenText(model.tokenizer().bosId()) + " before each prompt");
    facts.put(
        "words",
        "%d templates, %d names, %d places, %d objects"
            .formatted(
                used.words().templates().size(),
                used.words().names().size(),
                used.words().places().size(),
                used.words().objects().size()));
    List<String> unknown = published.unknownTo(model.tokenizer());
    if (!unknown.isEmpty()) {
      facts.put("left out", quoted(unknown) + ", which are not single tokens");
    }
    facts.put("seed", Long.toString(seed));
    return facts;
  }

  private static String quoted(List<String> words) {
    return words.stream().map(word -> "\" " + word + '"').collect(Collectors.joining(", "));
  }
}
