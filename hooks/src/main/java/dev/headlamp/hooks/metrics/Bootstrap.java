package dev.headlamp.hooks.metrics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Confidence intervals by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13): the
 * sample is drawn anew from itself, with replacement, and the interval lies between two quantiles
 * of what the redrawn samples give. For a mean of few values it is somewhat narrower than
 * Student's.
 *
 * @param resamples how often the sample is drawn anew
 * @param level how sure to be, above 0 and below 1
 * @param seed one seed gives one interval
 */
public record Bootstrap(int resamples, double level, long seed) {

  private static final int DEFAULT_RESAMPLES = 10_000;
  private static final double DEFAULT_LEVEL = 0.95;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there are no resamples, or the level is not between 0 and 1
   */
  public Bootstrap {
    if (resamples < 1) {
      throw new IllegalArgumentException("resamples (" + resamples + ") must be positive");
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level (" + level + ") must be above 0 and below 1");
    }
  }

  /** Returns 95 % intervals of 10,000 resamples. */
  public static Bootstrap seeded(long seed) {
    return new Bootstrap(DEFAULT_RESAMPLES, DEFAULT_LEVEL, seed);
  }

  /**
   * Returns the mean of a sample and its interval. For the difference of two runs over the same
   * prompts, give the prompts' differences.
   *
   * @param sample a number for each prompt
   * @throws IllegalArgumentException if there is none, or one is NaN
   */
  public ConfidenceInterval mean(double[] sample) {
    return of(sample, values -> Arrays.stream(values).sum() / values.length);
  }

  /**
   * Returns a statistic of a sample and its interval.
   *
   * @param sample a number for each prompt
   * @param statistic from a sample of that size to a number; it may write into what it is given
   * @throws IllegalArgumentException if there is no number, or one is NaN
   */
  public ConfidenceInterval of(double[] sample, ToDoubleFunction<double[]> statistic) {
    if (sample.length == 0 || Arrays.stream(sample).anyMatch(Double::isNaN)) {
      throw new IllegalArgumentException(
          sample.length == 0 ? "a sample needs at least one value" : "the sample holds a NaN");
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] statistics = new double[resamples];
    for (int i = 0; i < resamples; i++) {
      double[] redrawn = new double[sample.length];
      for (int j = 0; j < redrawn.length; j++) {
        redrawn[j] = sample[random.nextInt(sample.length)];
      }
      statistics[i] = statistic.applyAsDouble(redrawn);
    }
    Arrays.sort(statistics);
    return new ConfidenceInterval(
        statistic.applyAsDouble(sample.clone()),
        quantile(statistics, (1 - level) / 2),
        quantile(statistics, (1 + level) / 2),
        level);
  }

  /** Returns a quantile, interpolated between neighbours as NumPy does unless told otherwise. */
  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
