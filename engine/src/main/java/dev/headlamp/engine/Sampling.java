package dev.headlamp.engine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How a next token is chosen from its logits, in the order Hugging Face applies: temperature, then
 * the {@code topK} most probable, then the fewest of those that together reach {@code topP}.
 *
 * @param temperature the logits are divided by it; 0 takes the most probable token
 * @param topK how many tokens to choose from; 0 for all
 * @param topP the probability that the tokens to choose from reach together; 1 for all
 * @param seed of the random choice; one seed gives one continuation
 */
public record Sampling(double temperature, int topK, double topP, long seed) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is outside its range
   */
  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature (" + temperature + ") must be a finite number, 0 or more");
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k (" + topK + ") must be 0 or more");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p (" + topP + ") must be in (0, 1]");
    }
  }

  /** Returns the choice of the most probable token. */
  public static Sampling greedy() {
    return new Sampling(0, 0, 1, 0);
  }

  /** Returns a random choice by the probabilities at the given temperature. */
  public static Sampling temperature(double temperature, long seed) {
    return new Sampling(temperature, 0, 1, seed);
  }

  /** Returns this choice among the {@code topK} most probable tokens. */
  public Sampling withTopK(int topK) {
    return new Sampling(temperature, topK, topP, seed);
  }

  /** Returns this choice among the fewest tokens that together reach probability {@code topP}. */
  public Sampling withTopP(double topP) {
    return new Sampling(temperature, topK, topP, seed);
  }

  /**
   * Returns the chosen token. Of equal logits the lowest id counts as the more probable.
   *
   * @throws ArithmeticException if the logits are no distribution: one is NaN, or the largest is
   *     not finite
   */
  int choose(double[] logits, RandomGenerator random) {
    int best = argmax(logits);
    if (!Double.isFinite(logits[best])) {
      throw new ArithmeticException(
          "no token can be chosen: a logit is NaN, or the largest is not finite");
    }
    if (temperature == 0) {
      return best;
    }
    // The difference first: dividing by a tiny temperature would overflow.
    double[] weights =
        Arrays.stream(logits).map(x -> Math.exp((x - logits[best]) / temperature)).toArray();
    int[] candidates = candidates(weights);
    double total = Arrays.stream(candidates).mapToDouble(i -> weights[i]).sum();
    double left = random.nextDouble() * total;
    for (int candidate : candidates) {
      left -= weights[candidate];
      if (left < 0) {
        return candidate;
      }
    }
    return candidates[candidates.length - 1];
  }

  private int[] candidates(double[] weights) {
    if (topK == 0 && topP == 1) {
      return IntStream.range(0, weights.length).toArray();
    }
    int[] byWeight =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]))
            .limit(topK == 0 ? weights.length : topK)
            .mapToInt(Integer::intValue)
            .toArray();
    double total = Arrays.stream(byWeight).mapToDouble(i -> weights[i]).sum();
    double reached = 0;
    int count = 0;
    while (count < byWeight.length && reached < topP * total) {
      reached += weights[byWeight[count++]];
    }
    return Arrays.copyOf(byWeight, Math.max(count, 1));
  }

  /** Returns where the largest is, or a NaN. */
  private static int argmax(double[] logits) {
    int best = 0;
    for (int i = 0; i < logits.length; i++) {
      if (Double.isNaN(logits[i])) {
        return i;
      }
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
