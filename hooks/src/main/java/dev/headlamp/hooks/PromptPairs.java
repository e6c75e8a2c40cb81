package dev.headlamp.hooks;

import dev.headlamp.engine.TokenBatch;

/** Two sets of prompts that belong together, prompt by prompt and position by position. */
public final class PromptPairs {

  private PromptPairs() {}

  /**
   * Checks that two sets have equally many prompts, and each pair tokens and padding at the same
   * positions.
   *
   * @param sourceName what errors call the first set, such as {@code clean}
   * @param targetName what errors call the second
   * @throws IllegalArgumentException if not; the message names the prompt
   */
  public static void checkAligned(
      String sourceName, TokenBatch source, String targetName, TokenBatch target) {
    if (source.batch() != target.batch()) {
      throw new IllegalArgumentException(
          "patching needs a %s prompt for each %s one: there are %d %s and %d %s"
              .formatted(
                  targetName, sourceName, source.batch(), sourceName, target.batch(), targetName));
    }
    for (int prompt = 0; prompt < source.batch(); prompt++) {
      if (source.promptLength(prompt) != target.promptLength(prompt)) {
        throw new IllegalArgumentException(
            "patching goes position by position: prompt %d has %d tokens %s and %d %s"
                .formatted(
                    prompt,
                    source.promptLength(prompt),
                    sourceName,
                    target.promptLength(prompt),
                    targetName));
      }
      if (source.firstPos(prompt) != target.firstPos(prompt)
          || source.length() != target.length()) {
        throw new IllegalArgumentException(
            "patching needs equal padding: prompt %d starts at %d of %d %s, at %d of %d %s"
                .formatted(
                    prompt,
                    source.firstPos(prompt),
                    source.length(),
                    sourceName,
                    target.firstPos(prompt),
                    target.length(),
                    targetName));
      }
    }
  }
}
