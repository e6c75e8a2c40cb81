package dev.headlamp.engine;

import java.util.Objects;
import java.util.Set;

/**
 * How to continue prompts.
 *
 * @param maxNewTokens how many tokens to add at most
 * @param sampling how the next token is chosen
 * @param stopTokens tokens that end a prompt's continuation; they are kept as its last token
 * @param listener told of every new token as soon as it is chosen
 * @param taps for each step what its points are offered to; step 0 runs the prompts, step n the
 *     n-th new token
 */
public record GenerationSpec(
    int maxNewTokens,
    Sampling sampling,
    Set<Integer> stopTokens,
    TokenListener listener,
    StepTaps taps) {

  /** Told of new tokens while they are generated. */
  @FunctionalInterface
  public interface TokenListener {
    /**
     * Takes one new token.
     *
     * @param prompt the prompt it continues
     * @param step how many tokens were added to that prompt before
     * @param token its id
     */
    void onToken(int prompt, int step, int token);
  }

  /** Makes the tap of each step. */
  @FunctionalInterface
  public interface StepTaps {
    /**
     * Returns what the points of one step are offered to.
     *
     * @param tokens the tokens of that step: the prompts, then one token for each
     * @param step 0 for the prompts, n for the n-th new token
     */
    Tap at(TokenBatch tokens, int step);
  }

  /**
   * Checks the number of tokens.
   *
   * @throws IllegalArgumentException if no token is to be added
   */
  public GenerationSpec {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException("max-new-tokens (" + maxNewTokens + ") must be positive");
    }
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(listener, "listener");
    Objects.requireNonNull(taps, "taps");
    stopTokens = Set.copyOf(stopTokens);
  }

  /** Returns a continuation by always taking the most probable token, that stops at nothing. */
  public static GenerationSpec greedy(int maxNewTokens) {
    return new GenerationSpec(
        maxNewTokens,
        Sampling.greedy(),
        Set.of(),
        (prompt, step, token) -> {},
        (tokens, step) -> Tap.NONE);
  }

  /** Returns this continuation with tokens chosen by {@code sampling}. */
  public GenerationSpec withSampling(Sampling sampling) {
    return new GenerationSpec(maxNewTokens, sampling, stopTokens, listener, taps);
  }

  /** Returns this continuation ended at any of the given tokens. */
  public GenerationSpec stoppingAt(Integer... tokens) {
    return new GenerationSpec(maxNewTokens, sampling, Set.of(tokens), listener, taps);
  }

  /** Returns this continuation with every new token reported to {@code listener}. */
  public GenerationSpec withListener(TokenListener listener) {
    return new GenerationSpec(maxNewTokens, sampling, stopTokens, listener, taps);
  }

  /** Returns this continuation with the points of every step offered to that step's tap. */
  public GenerationSpec withTaps(StepTaps taps) {
    return new GenerationSpec(maxNewTokens, sampling, stopTokens, listener, taps);
  }
}
