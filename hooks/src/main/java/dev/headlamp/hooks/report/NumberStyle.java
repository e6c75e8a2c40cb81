package dev.headlamp.hooks.report;

import java.util.Locale;

/**
 * How the numbers of one table are written: with so many digits after the point, or as a power of
 * ten where the largest of them is too large or too small for that.
 *
 * @param decimals digits after the point
 * @param scientific whether as a power of ten
 */
public record NumberStyle(int decimals, boolean scientific) {

  private static final double LARGEST_FIXED = 1e6;
  private static final int MOST_DECIMALS_OF_A_SCALE = 4;

  /** Returns the style for a table whose value farthest from 0 is {@code largest} away from it. */
  public static NumberStyle of(int decimals, double largest) {
    // The largest number of a table must keep two digits, or the table would say nothing.
    boolean tooSmall = largest > 0 && largest < Math.pow(10, 1 - decimals);
    return tooSmall || largest >= LARGEST_FIXED
        ? new NumberStyle(1, true)
        : new NumberStyle(decimals, false);
  }

  /**
   * Returns the style for the ends of a scale, the farther of which is {@code largest} away from 0:
   * two decimals, or up to four so that small ends keep two digits. There are but a few of these
   * numbers, and 0.096 is easier to read than a power of ten.
   */
  static NumberStyle ofScale(double largest) {
    int decimals = 2;
    while (largest > 0
        && decimals < MOST_DECIMALS_OF_A_SCALE
        && largest < Math.pow(10, 1 - decimals)) {
      decimals++;
    }
    return of(decimals, largest);
  }

  /** Returns a number in this style; {@code .} for one that is absent. */
  public String write(double value) {
    if (Double.isNaN(value)) {
      return ".";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String format = "%." + decimals + (scientific ? "e" : "f");
    String text = String.format(Locale.ROOT, format, value);
    // A small negative number would otherwise show as -0.00.
    boolean isZero = text.chars().allMatch(c -> c == '-' || c == '0' || c == '.');
    return isZero && text.startsWith("-") ? text.substring(1) : text;
  }
}
