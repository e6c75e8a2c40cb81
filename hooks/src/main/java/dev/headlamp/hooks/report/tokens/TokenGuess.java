package dev.headlamp.hooks.report.tokens;

/**
 * A token that might come next.
 *
 * @param token its text
 * @param probability its probability
 */
public record TokenGuess(String token, double probability) {

  /**
   * @throws IllegalArgumentException if the probability is not a number from 0 to 1, give or take
   *     what rounding does to one
   */
  public TokenGuess {
    if (!(probability >= 0 && probability <= 1 + 1e-5)) {
      throw new IllegalArgumentException(
          "the probability of '" + token + "' is " + probability + ", not a number from 0 to 1");
    }
  }
}
