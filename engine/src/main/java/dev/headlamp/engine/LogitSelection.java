package dev.headlamp.engine;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Which logits a run computes: at which positions, for which tokens. A logit difference at the last
 * position needs two columns at one position, not 50257 at each.
 *
 * <p>Immutable. The array of a selection has the axes {@code [batch, selected positions, selected
 * tokens]}.
 */
public final class LogitSelection {

  private static final LogitSelection ALL = new LogitSelection(Kind.ALL, new int[0][], null);
  private static final LogitSelection LAST = new LogitSelection(Kind.LAST, new int[0][], null);

  private enum Kind {
    ALL,
    LAST,
    LISTED
  }

  private final Kind kind;
  private final int[][] positions;
  private final int @Nullable [] tokens;

  private LogitSelection(Kind kind, int[][] positions, int @Nullable [] tokens) {
    this.kind = kind;
    this.positions = positions;
    this.tokens = tokens;
  }

  /** Returns the logits of every token at every position. */
  public static LogitSelection all() {
    return ALL;
  }

  /** Returns the logits of every token at each prompt's last token. */
  public static LogitSelection last() {
    return LAST;
  }

  /** Returns the logits of every token at the given positions of every prompt. */
  public static LogitSelection at(int... positions) {
    return perPrompt(new int[][] {positions});
  }

  /**
   * Returns the logits of every token at positions of each prompt's own.
   *
   * @param positions {@code [batch][selected]}, the same number for each prompt; one row serves all
   *     prompts
   * @throws IllegalArgumentException if the rows are of unequal lengths or empty
   */
  public static LogitSelection perPrompt(int[][] positions) {
    int[][] copy = Arrays.stream(positions).map(int[]::clone).toArray(int[][]::new);
    if (copy.length == 0 || copy[0].length == 0) {
      throw new IllegalArgumentException("a selection needs at least one position");
    }
    for (int[] row : copy) {
      if (row.length != copy[0].length) {
        throw new IllegalArgumentException(
            "every prompt needs the same number of positions, not "
                + copy[0].length
                + " and "
                + row.length);
      }
    }
    return new LogitSelection(Kind.LISTED, copy, null);
  }

  /**
   * Returns this selection for the given tokens only, in the given order.
   *
   * @throws IllegalArgumentException if no token is given
   */
  public LogitSelection tokens(int... ids) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("a selection needs at least one token");
    }
    return new LogitSelection(kind, positions, ids.clone());
  }

  /**
   * Returns a selection that holds everything that this one and {@code other} select, and may hold
   * more: {@link #outOf} takes either of them out of it.
   */
  public LogitSelection and(LogitSelection other) {
    boolean samePositions = kind == other.kind && Arrays.deepEquals(positions, other.positions);
    int[] both =
        tokens == null || other.tokens == null
            ? null
            : IntStream.concat(IntStream.of(tokens), IntStream.of(other.tokens))
                .distinct()
                .toArray();
    return samePositions
        ? new LogitSelection(kind, positions, both)
        : new LogitSelection(Kind.ALL, new int[0][], both);
  }

  /**
   * Returns the logits of this selection out of those of a larger one.
   *
   * @param logits what {@code larger} selects, {@code [batch, selected positions, selected
   *     tokens]}; borrowed
   * @param tokens the prompts of the run
   * @return a new array, owned by the caller; {@code logits} itself if both select the same
   * @throws IllegalArgumentException if {@code larger} has not everything that this selects
   */
  public INDArray outOf(INDArray logits, LogitSelection larger, TokenBatch tokens) {
    return new Narrowing(larger.positions(tokens), larger.tokens)
        .of(logits, positions(tokens), this.tokens);
  }

  boolean everyPosition() {
    return kind == Kind.ALL;
  }

  /** Returns a copy of the selected token ids; null for the whole vocabulary. */
  public int @Nullable [] tokenIds() {
    return tokens == null ? null : tokens.clone();
  }

  /**
   * Returns the selected positions of each prompt, {@code [batch][selected]}.
   *
   * @throws IllegalArgumentException if a position lies outside the batch, or positions are given
   *     for another number of prompts
   */
  public int[][] positions(TokenBatch batch) {
    int[][] resolved = new int[batch.batch()][];
    for (int b = 0; b < resolved.length; b++) {
      resolved[b] =
          switch (kind) {
            case ALL -> IntStream.range(0, batch.length()).toArray();
            case LAST -> new int[] {batch.lastPos(b)};
            case LISTED -> listed(b, batch);
          };
    }
    return resolved;
  }

  private int[] listed(int prompt, TokenBatch batch) {
    if (positions.length != 1 && positions.length != batch.batch()) {
      throw new IllegalArgumentException(
          "positions are given for "
              + positions.length
              + " prompts, the batch has "
              + batch.batch());
    }
    int[] row = positions[positions.length == 1 ? 0 : prompt];
    for (int pos : row) {
      if (pos < 0 || pos >= batch.length()) {
        throw new IllegalArgumentException(
            "position %d is out of range: the batch has positions 0 to %d"
                .formatted(pos, batch.length() - 1));
      }
    }
    return row.clone();
  }
}
