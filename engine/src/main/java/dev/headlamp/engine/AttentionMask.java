package dev.headlamp.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a query may not attend to: positions after its own, those behind its window, and padding.
 */
final class AttentionMask {

  private final INDArray additive;
  private final boolean emptyRows;

  /** The same as {@code additive}, by prompt, for loops in Java. */
  private final boolean[][] visible;

  private AttentionMask(INDArray additive, boolean emptyRows, boolean[][] visible) {
    this.additive = additive;
    this.emptyRows = emptyRows;
    this.visible = visible;
  }

  /**
   * Returns 0 where attention may go and -inf where not; {@code [1, 1, dest, src]} if it is the
   * same for all prompts, {@code [batch, 1, dest, src]} otherwise.
   */
  INDArray additive() {
    return additive;
  }

  /** Returns whether some query, being padding, may attend to nothing. */
  boolean emptyRows() {
    return emptyRows;
  }

  /** Returns behind which key no query from {@code from} to {@code to - 1} sees any. */
  int visible(int prompt, int from, int to) {
    int sources = Math.toIntExact(additive.size(3));
    boolean[] cells = visible[visible.length == 1 ? 0 : prompt];
    int until = 0;
    for (int query = from; query < to; query++) {
      int last = sources - 1;
      while (last >= until && !cells[(query * sources) + last]) {
        last--;
      }
      until = Math.max(until, last + 1);
    }
    return until;
  }

  /** Puts -inf where a query may not attend to. */
  void hide(int prompt, int query, float[] scores, int length) {
    int sources = Math.toIntExact(additive.size(3));
    boolean[] cells = visible[visible.length == 1 ? 0 : prompt];
    for (int key = 0; key < length; key++) {
      if (!cells[(query * sources) + key]) {
        scores[key] = Float.NEGATIVE_INFINITY;
      }
    }
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
    int rows = padded ? tokens.batch() : 1;
    int dest = tokens.length();
    int src = before + dest;
    float[] mask = new float[Math.multiplyExact(Math.multiplyExact(rows, dest), src)];
    boolean[][] seen = new boolean[rows][dest * src];
    for (int b = 0; b < rows; b++) {
      boolean[] isToken = isToken(b, tokens, past);
      int[] place = places(isToken);
      for (int q = before; q < src; q++) {
        for (int k = 0; k < src; k++) {
          boolean visible =
              k <= q && isToken[q] && isToken[k] && (window == 0 || place[q] - place[k] < window);
          seen[b][((q - before) * src) + k] = visible;
          mask[((b * dest + q - before) * src) + k] = visible ? 0 : Float.NEGATIVE_INFINITY;
        }
      }
    }
    INDArray additive = memory.allocate(rows, 1, dest, src);
    try (INDArray floats = Nd4j.createFromArray(mask)) {
      additive.assign(floats.reshape(additive.shape()));
    }
    return new AttentionMask(additive, padded, seen);
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
}
