package dev.headlamp.engine;

import java.util.List;

/**
 * Continuations of a batch of prompts.
 *
 * @param newTokens for each prompt the tokens that were added, a stop token included
 */
public record Generated(List<List<Integer>> newTokens) {

  /** Copies the lists. */
  public Generated {
    newTokens = newTokens.stream().map(List::copyOf).toList();
  }

  /** Returns the tokens added to a prompt. */
  public int[] tokens(int prompt) {
    return newTokens.get(prompt).stream().mapToInt(Integer::intValue).toArray();
  }
}
