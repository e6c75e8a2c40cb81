package dev.headlamp.hooks;

import dev.headlamp.engine.TokenBatch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Which positions of each prompt of a batch are meant. */
public sealed interface Positions {

  /** Every position, padding included. */
  record All() implements Positions {}

  /** Each prompt's last token. */
  record Last() implements Positions {}

  /** Positions of each prompt's own; one row serves all prompts. */
  final class Listed implements Positions {
    private final int[][] positions;

    private Listed(int[][] positions) {
      this.positions = Arrays.stream(positions).map(int[]::clone).toArray(int[][]::new);
    }

    /** Returns the positions of each prompt; one row if they serve all prompts. */
    public List<List<Integer>> rows() {
      return Arrays.stream(positions).map(row -> Arrays.stream(row).boxed().toList()).toList();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Listed that && Arrays.deepEquals(positions, that.positions);
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(positions);
    }

    @Override
    public String toString() {
      return "Listed" + Arrays.deepToString(positions);
    }
  }

  /** Returns every position, padding included. */
  static Positions all() {
    return new All();
  }

  /** Returns each prompt's last token. */
  static Positions last() {
    return new Last();
  }

  /**
   * Returns the same positions of every prompt, counted from 0 in the padded batch.
   *
   * @throws IllegalArgumentException if none is given, or one is negative
   */
  static Positions of(int... positions) {
    return perPrompt(new int[][] {positions});
  }

  /**
   * Returns positions of each prompt's own, as many for each.
   *
   * @param positions {@code [batch][selected]}, counted from 0 in the padded batch
   * @throws IllegalArgumentException if none is given, one is negative, or the rows are of unequal
   *     lengths
   */
  static Positions perPrompt(int[][] positions) {
    if (positions.length == 0 || positions[0].length == 0) {
      throw new IllegalArgumentException("at least one position is needed");
    }
    for (int[] row : positions) {
      if (row.length != positions[0].length) {
        throw new IllegalArgumentException(
            "every prompt needs the same number of positions, not %d and %d"
                .formatted(positions[0].length, row.length));
      }
      for (int pos : row) {
        if (pos < 0) {
          throw new IllegalArgumentException(
              "position "
                  + pos
                  + " is negative: positions count from 0, Positions.last() is each prompt's last");
        }
      }
    }
    return new Listed(positions);
  }

  /**
   * Returns the positions of each prompt, {@code [batch][selected]}.
   *
   * @throws IllegalArgumentException if a position lies behind the batch's last, or rows are given
   *     for another number of prompts
   */
  default int[][] resolve(TokenBatch tokens) {
    int[][] rows = new int[tokens.batch()][];
    for (int b = 0; b < rows.length; b++) {
      if (this instanceof Listed listed) {
        rows[b] = row(listed.positions, b, tokens);
      } else if (this instanceof Last) {
        rows[b] = new int[] {tokens.lastPos(b)};
      } else {
        rows[b] = IntStream.range(0, tokens.length()).toArray();
      }
    }
    return rows;
  }

  private static int[] row(int[][] positions, int prompt, TokenBatch tokens) {
    if (positions.length != 1 && positions.length != tokens.batch()) {
      throw new IllegalArgumentException(
          "positions are given for %d prompts, the batch has %d"
              .formatted(positions.length, tokens.batch()));
    }
    int[] row = positions[positions.length == 1 ? 0 : prompt];
    for (int pos : row) {
      if (pos >= tokens.length()) {
        throw new IllegalArgumentException(
            "position %d is out of range: the batch has positions 0 to %d"
                .formatted(pos, tokens.length() - 1));
      }
    }
    return row.clone();
  }
}
