package dev.headlamp.experiments.verify;

/** What a measured number is expected to be. Never met by NaN. */
public sealed interface Expectation {

  /** Returns whether a number is as expected. */
  boolean isMetBy(double measured);

  /**
   * A value, give or take.
   *
   * @param value the expected value
   * @param tolerance how far the number may be from it; 0 for exactly this value
   */
  record Near(double value, double tolerance) implements Expectation {
    @Override
    public boolean isMetBy(double measured) {
      return Math.abs(measured - value) <= tolerance;
    }
  }

  /** A largest value: of a rank, or of a difference. */
  record AtMost(double limit) implements Expectation {
    @Override
    public boolean isMetBy(double measured) {
      return measured <= limit;
    }
  }

  /** A sign: below zero or above. */
  record Sign(boolean positive) implements Expectation {
    @Override
    public boolean isMetBy(double measured) {
      return positive ? measured > 0 : measured < 0;
    }
  }
}
