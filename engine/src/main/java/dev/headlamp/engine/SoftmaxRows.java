package dev.headlamp.engine;

import java.util.Arrays;

/**
 * Softmax of rows that lie one behind the other, each over what is not -inf at its ends. Rows are
 * taken together, so that short ones make loops that are worth vectorising. For one thread.
 */
final class SoftmaxRows {

  private final int width;
  private final float[] values;
  private final int[] first;
  private final int[] until;

  /** Has room for {@code most} rows of {@code width}. */
  SoftmaxRows(int most, int width) {
    this.width = width;
    this.values = new float[most * width];
    this.first = new int[most];
    this.until = new int[most];
  }

  /** Returns the rows, to be written and read. */
  float[] values() {
    return values;
  }

  /**
   * Replaces the first rows by their softmax. What is -inf becomes 0, in a row without NaN.
   *
   * @param mayBeEmpty whether a row of no entries becomes 0 throughout, and not NaN
   */
  void apply(int rows, boolean mayBeEmpty) {
    rangesOfFinite(rows);
    for (int row = 0; row < rows; row++) {
      int from = (row * width) + first[row];
      int to = (row * width) + until[row];
      // All entries are raised below, and many a processor is slow where that underflows.
      Arrays.fill(values, row * width, from, 0);
      Arrays.fill(values, to, (row + 1) * width, 0);
      FloatMath.subtractMax(values, from, to);
    }
    FloatMath.exp(values, rows * width);
    for (int row = 0; row < rows; row++) {
      int at = row * width;
      int from = at + first[row];
      int to = at + until[row];
      Arrays.fill(values, at, from, 0);
      Arrays.fill(values, to, at + width, 0);
      FloatMath.divideBySum(values, from, to);
      if (from == to && !mayBeEmpty) {
        Arrays.fill(values, at, at + width, Float.NaN);
      }
    }
  }

  /** Finds what is not -inf at the ends of the first rows. */
  private void rangesOfFinite(int rows) {
    for (int row = 0; row < rows; row++) {
      int at = row * width;
      int to = width;
      while (to > 0 && values[at + to - 1] == Float.NEGATIVE_INFINITY) {
        to--;
      }
      int from = 0;
      while (from < to && values[at + from] == Float.NEGATIVE_INFINITY) {
        from++;
      }
      first[row] = from;
      until[row] = to;
    }
  }
}
