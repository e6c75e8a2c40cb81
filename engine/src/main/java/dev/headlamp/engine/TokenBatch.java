package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;

/**
 * Token ids of one or more prompts as a rectangle {@code [batch, pos]}, padded where prompts are of
 * unequal lengths. Padding is never attended to and does not count as a position, so every prompt
 * gets what it would get alone. Immutable.
 */
public final class TokenBatch {

  /** On which side shorter prompts are padded. */
  public enum Padding {
    /** Padding stands before the prompt, so that all prompts end together. */
    LEFT,
    /** Padding stands behind the prompt, so that all prompts begin together. */
    RIGHT
  }

  private final int[][] ids;
  private final int[] starts;
  private final int[] ends;
  private final int length;

  private TokenBatch(int[][] ids, int[] starts, int[] ends) {
    this.ids = ids;
    this.starts = starts;
    this.ends = ends;
    this.length = ids[0].length;
  }

  /**
   * Returns a batch of the given prompts; shorter ones are padded on the right with id 0.
   *
   * @throws IllegalArgumentException if there is no prompt, or one without tokens
   */
  public static TokenBatch of(int[]... prompts) {
    return padded(Arrays.asList(prompts), Padding.RIGHT, 0);
  }

  /**
   * Returns a batch of the given prompts, padded to the longest.
   *
   * @param padId the id written where there is padding; it has no influence on any result
   * @throws IllegalArgumentException if there is no prompt, or one without tokens
   */
  public static TokenBatch padded(List<int[]> prompts, Padding padding, int padId) {
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one prompt");
    }
    int length = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
    int[][] ids = new int[prompts.size()][length];
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int b = 0; b < ids.length; b++) {
      int[] prompt = prompts.get(b);
      if (prompt.length == 0) {
        throw new IllegalArgumentException("prompt " + b + " is empty: it has no tokens");
      }
      starts[b] = padding == Padding.LEFT ? length - prompt.length : 0;
      ends[b] = starts[b] + prompt.length;
      Arrays.fill(ids[b], padId);
      System.arraycopy(prompt, 0, ids[b], starts[b], prompt.length);
    }
    return new TokenBatch(ids, starts, ends);
  }

  /** Returns the number of prompts. */
  public int batch() {
    return ids.length;
  }

  /** Returns the number of positions, padding included. */
  public int length() {
    return length;
  }

  /** Returns the id at a position, padding included. */
  public int id(int prompt, int pos) {
    return ids[prompt][pos];
  }

  /** Returns whether a token of the prompt, and not padding, stands at a position. */
  public boolean isToken(int prompt, int pos) {
    return pos >= starts[prompt] && pos < ends[prompt];
  }

  /** Returns the number of tokens of a prompt. */
  public int promptLength(int prompt) {
    return ends[prompt] - starts[prompt];
  }

  /** Returns the position in the rectangle of a prompt's first token. */
  public int firstPos(int prompt) {
    return starts[prompt];
  }

  /** Returns the position in the rectangle of a prompt's last token. */
  public int lastPos(int prompt) {
    return ends[prompt] - 1;
  }

  /** Returns a copy of a prompt's tokens, without padding. */
  public int[] prompt(int prompt) {
    return Arrays.copyOfRange(ids[prompt], starts[prompt], ends[prompt]);
  }

  /** Returns whether any prompt is padded. */
  public boolean isPadded() {
    for (int b = 0; b < ids.length; b++) {
      if (promptLength(b) != length) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns a batch of the prompts {@code from} to {@code to - 1}, with the same padding.
   *
   * @throws IllegalArgumentException if there are no such prompts, or none between them
   */
  public TokenBatch prompts(int from, int to) {
    if (from < 0 || to > ids.length || from >= to) {
      throw new IllegalArgumentException(
          "prompts %d to %d are no part of a batch with prompts 0 to %d"
              .formatted(from, to - 1, ids.length - 1));
    }
    return new TokenBatch(
        Arrays.copyOfRange(ids, from, to),
        Arrays.copyOfRange(starts, from, to),
        Arrays.copyOfRange(ends, from, to));
  }

  /** Returns the same prompts without the positions before {@code pos}; some may be left empty. */
  TokenBatch from(int pos) {
    return new TokenBatch(
        Arrays.stream(ids)
            .map(prompt -> Arrays.copyOfRange(prompt, pos, length))
            .toArray(int[][]::new),
        Arrays.stream(starts).map(start -> Math.max(0, start - pos)).toArray(),
        Arrays.stream(ends).map(end -> Math.max(0, end - pos)).toArray());
  }

  /**
   * Returns a batch in which every prompt of this one stands {@code times} times, as a whole.
   *
   * @throws IllegalArgumentException if {@code times} is not positive
   */
  public TokenBatch repeated(int times) {
    if (times < 1) {
      throw new IllegalArgumentException("times (" + times + ") must be positive");
    }
    int[][] repeatedIds = new int[Math.multiplyExact(times, ids.length)][];
    int[] repeatedStarts = new int[repeatedIds.length];
    int[] repeatedEnds = new int[repeatedIds.length];
    for (int b = 0; b < repeatedIds.length; b++) {
      repeatedIds[b] = ids[b % ids.length];
      repeatedStarts[b] = starts[b % ids.length];
      repeatedEnds[b] = ends[b % ids.length];
    }
    return new TokenBatch(repeatedIds, repeatedStarts, repeatedEnds);
  }

  /**
   * Returns the prompts of several batches as one, in order. Each stands where it stood, with more
   * padding behind it if another batch is longer.
   *
   * @throws IllegalArgumentException if there is no batch
   */
  public static TokenBatch concat(List<TokenBatch> batches) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("there is no batch to concatenate");
    }
    int length = batches.stream().mapToInt(TokenBatch::length).max().orElseThrow();
    return new TokenBatch(
        batches.stream()
            .flatMap(batch -> Arrays.stream(batch.ids))
            .map(prompt -> Arrays.copyOf(prompt, length))
            .toArray(int[][]::new),
        batches.stream().flatMapToInt(batch -> Arrays.stream(batch.starts)).toArray(),
        batches.stream().flatMapToInt(batch -> Arrays.stream(batch.ends)).toArray());
  }

  /** Returns whether both batches hold the same tokens at the same positions. */
  @Override
  public boolean equals(Object other) {
    return other instanceof TokenBatch that
        && Arrays.deepEquals(ids, that.ids)
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(ends, that.ends);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(ids);
  }

  @Override
  public String toString() {
    return "TokenBatch[" + batch() + " × " + length + "]";
  }
}
