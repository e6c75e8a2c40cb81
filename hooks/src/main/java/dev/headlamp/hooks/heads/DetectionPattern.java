package dev.headlamp.hooks.heads;

import java.util.Arrays;

/**
 * The attention pattern that a kind of head would have on some text: {@code [dest][src]}, nothing
 * above the diagonal. Immutable.
 */
public final class DetectionPattern {

  private final double[][] rows;

  private DetectionPattern(double[][] rows) {
    this.rows = rows;
  }

  /**
   * Returns a pattern of one's own.
   *
   * @param rows {@code [dest][src]}, copied; ones and zeros, or for {@link DetectionMeasure#ABS}
   *     also the attention expected in between
   * @throws IllegalArgumentException if it is empty or not square, looks ahead, or holds a number
   *     that is not finite
   */
  public static DetectionPattern of(double[][] rows) {
    double[][] copy = Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
    if (copy.length == 0) {
      throw new IllegalArgumentException("a detection pattern needs at least one row");
    }
    for (int dest = 0; dest < copy.length; dest++) {
      if (copy[dest].length != copy.length) {
        throw new IllegalArgumentException(
            "a detection pattern must be square: row %d of %d has %d entries"
                .formatted(dest, copy.length, copy[dest].length));
      }
      for (int source = 0; source < copy.length; source++) {
        checkEntry(copy[dest][source], dest, source);
      }
    }
    return new DetectionPattern(copy);
  }

  private static void checkEntry(double value, int dest, int source) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "entry [%d, %d] of a detection pattern is %s".formatted(dest, source, value));
    }
    if (source > dest && value != 0) {
      throw new IllegalArgumentException(
          "a detection pattern cannot look ahead: entry [%d, %d] is %s"
              .formatted(dest, source, value));
    }
  }

  /**
   * Returns the pattern of a known kind of head, as TransformerLens has it: 1 from a token to the
   * one before it; to every earlier place of the same token; or to the token behind every earlier
   * place, which may be the token itself.
   *
   * @param prompt the token ids, of which a token and its earlier places are known
   * @throws IllegalArgumentException if there are none
   */
  public static DetectionPattern of(HeadType type, int... prompt) {
    double[][] rows = new double[prompt.length][prompt.length];
    for (int dest = 0; dest < prompt.length; dest++) {
      for (int source = 0; source <= dest; source++) {
        rows[dest][source] = isLookedAt(type, prompt, dest, source) ? 1 : 0;
      }
    }
    return of(rows);
  }

  private static boolean isLookedAt(HeadType type, int[] prompt, int dest, int source) {
    return switch (type) {
      case PREVIOUS_TOKEN -> source == dest - 1;
      case DUPLICATE_TOKEN -> source < dest && prompt[source] == prompt[dest];
      case INDUCTION -> source > 0 && prompt[source - 1] == prompt[dest];
    };
  }

  /** Returns how many positions the text has. */
  public int size() {
    return rows.length;
  }

  /** Returns the attention expected from one position to another, counted from 0. */
  public double value(int dest, int source) {
    return rows[dest][source];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DetectionPattern that && Arrays.deepEquals(rows, that.rows);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(rows);
  }

  @Override
  public String toString() {
    return "DetectionPattern" + Arrays.deepToString(rows);
  }
}
