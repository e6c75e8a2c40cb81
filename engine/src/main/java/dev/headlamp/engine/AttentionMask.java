package dev.headlamp.engine;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a query may not attend to: positions after its own, those behind its window, and padding.
 * What it sees is a range of keys, with gaps where padding lies between tokens.
 */
final class AttentionMask {

  private final RunMemory memory;
  private final boolean padded;
  private final int sources;

  /** By prompt and query, or by query alone if all prompts are alike. */
  private final int[][] first;

  private final int[][] until;

  /** By prompt and key. */
  private final boolean[][] isToken;

  private @Nullable INDArray additive;
  private @Nullable INDArray limits;

  private AttentionMask(
      RunMemory memory, boolean padded, int[][] first, int[][] until, boolean[][] isToken) {
    this.memory = memory;
    this.padded = padded;
    this.first = first;
    this.until = until;
    this.isToken = isToken;
    this.sources = isToken[0].length;
  }

  /**
   * Returns the mask of a run.
   *
   * @param tokens the positions computed in this run
   * @param past keys of earlier positions, or null
   * @param window how many positions a query sees, itself included; 0 for all
   */
  static AttentionMask of(
      RunMemory memory, TokenBatch tokens, @Nullable KeyValueCache past, int window) {
    int before = past == null ? 0 : past.length();
    boolean padded = tokens.isPadded() || (past != null && past.isPadded());
    int prompts = padded ? tokens.batch() : 1;
    int[][] first = new int[prompts][tokens.length()];
    int[][] until = new int[prompts][tokens.length()];
    boolean[][] isToken = new boolean[prompts][];
    for (int b = 0; b < prompts; b++) {
      isToken[b] = isToken(b, tokens, past);
      int[] place = places(isToken[b]);
      int from = 0;
      for (int query = 0; query < tokens.length(); query++) {
        int own = before + query;
        while (from < own && (!isToken[b][from] || !near(place, own, from, window))) {
          from++;
        }
        first[b][query] = from;
        until[b][query] = isToken[b][own] ? own + 1 : from;
      }
    }
    return new AttentionMask(memory, padded, first, until, isToken);
  }

  private static boolean near(int[] place, int query, int key, int window) {
    return window == 0 || place[query] - place[key] < window;
  }

  private static boolean[] isToken(int prompt, TokenBatch tokens, @Nullable KeyValueCache past) {
    int before = past == null ? 0 : past.length();
    boolean[] isToken = new boolean[before + tokens.length()];
    for (int pos = 0; pos < isToken.length; pos++) {
      isToken[pos] =
          (past != null && pos < before)
              ? past.isToken(prompt, pos)
              : tokens.isToken(prompt, pos - before);
    }
    return isToken;
  }

  /** Returns how many tokens stand before each position: a window does not count padding. */
  private static int[] places(boolean[] isToken) {
    int[] places = new int[isToken.length];
    for (int pos = 1; pos < places.length; pos++) {
      places[pos] = places[pos - 1] + (isToken[pos - 1] ? 1 : 0);
    }
    return places;
  }

  /**
   * Returns 0 where attention may go and -inf where not; {@code [1, 1, dest, src]} if it is the
   * same for all prompts, {@code [batch, 1, dest, src]} otherwise.
   */
  INDArray additive() {
    if (additive == null) {
      additive = memory.allocate(first.length, 1, queries(), sources);
      try (INDArray floats = Nd4j.createFromArray(mask(0))) {
        additive.assign(floats.reshape(additive.shape()));
      }
    }
    return additive;
  }

  /**
   * Returns the largest that a score may be, in the machine's memory: +inf where attention may go
   * and -inf where not; {@code [1, dest·src]} or {@code [batch, dest·src]}.
   */
  INDArray limits() {
    if (limits == null) {
      limits = memory.allocate(first.length, (long) queries() * sources);
      CpuKernels.buffer(limits).put(mask(Float.POSITIVE_INFINITY));
    }
    return limits;
  }

  private float[] mask(float seen) {
    int queries = queries();
    float[] mask = new float[Math.multiplyExact(first.length * queries, sources)];
    Arrays.fill(mask, Float.NEGATIVE_INFINITY);
    for (int b = 0; b < first.length; b++) {
      for (int query = 0; query < queries; query++) {
        for (int key = first[b][query]; key < until[b][query]; key++) {
          if (isToken[b][key]) {
            mask[(((b * queries) + query) * sources) + key] = seen;
          }
        }
      }
    }
    return mask;
  }

  /** Returns how many queries a prompt has. */
  int queries() {
    return first[0].length;
  }

  /** Returns how many keys a prompt has, seen or not. */
  int sources() {
    return sources;
  }

  /** Returns whether some query, being padding, may attend to nothing. */
  boolean emptyRows() {
    return padded;
  }

  /** Returns the first key that a query may see. */
  int first(int prompt, int query) {
    return first[entry(prompt)][query];
  }

  /** Returns the key behind the last that a query sees; its first if it sees none. */
  int until(int prompt, int query) {
    return until[entry(prompt)][query];
  }

  /** Calls {@code consumer} with every key between those of a query that is padding. */
  void eachGap(int prompt, int query, IntConsumer consumer) {
    if (!padded) {
      return;
    }
    boolean[] seen = isToken[entry(prompt)];
    for (int key = first(prompt, query); key < until(prompt, query); key++) {
      if (!seen[key]) {
        consumer.accept(key);
      }
    }
  }

  private int entry(int prompt) {
    return first.length == 1 ? 0 : prompt;
  }
}
