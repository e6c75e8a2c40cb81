package dev.headlamp.experiments.enumeration.tables;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.Slice;

/**
 * Statistics of logit differences.
 *
 * @param count how many
 * @param mean NaN of none
 * @param deviation the standard deviation, of a sample (n − 1); NaN of fewer than two
 * @param belowZero how many are below zero: there the model prefers the subject
 */
public record Statistics(long count, double mean, double deviation, long belowZero) {

  /** Returns the statistics of the rows of a slice that were computed. */
  public static Statistics of(Enumeration enumeration, Slice slice) {
    Moments moments = new Moments();
    enumeration.forEach(
        slice, (template, place, object, subject, indirect, value) -> moments.add(value));
    return moments.statistics();
  }

  /** Returns the share below zero, from 0 to 1; NaN of none. */
  public double shareBelowZero() {
    return (double) belowZero / count;
  }
}
