package dev.headlamp.hooks.metrics;

/**
 * A number measured on a sample, and where it may lie.
 *
 * @param estimate the number
 * @param lower the lower end of the interval
 * @param upper the upper end of the interval
 * @param level how sure, such as 0.95
 */
public record ConfidenceInterval(double estimate, double lower, double upper, double level) {

  /** Returns whether a value lies in the interval, ends included. */
  public boolean contains(double value) {
    return lower <= value && value <= upper;
  }
}
