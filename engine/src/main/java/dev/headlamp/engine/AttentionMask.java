package dev.headlamp.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a query may not attend to: positions after its own, those behind its window, and padding.
 *
 * @param additive 0 where attention may go and -inf where not; {@code [1, 1, dest, src]} if it is
 *     the same for all prompts, {@code [batch, 1, dest, src]} otherwise
 * @param emptyRows whether some query, being padding, may attend to nothing
 */
record AttentionMask(INDArray additive, boolean emptyRows) {

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
    for (int b = 0; b < rows; b++) {
      for (int q = 0; q < dest; q++) {
        for (int k = 0; k < src; k++) {
          boolean visible =
              k <= before + q
                  && (window == 0 || k > before + q - window)
                  && (!padded || (tokens.isToken(b, q) && isKey(b, k, before, tokens, past)));
          mask[((b * dest + q) * src) + k] = visible ? 0 : Float.NEGATIVE_INFINITY;
        }
      }
    }
    INDArray floats = Nd4j.createFromArray(mask).reshape(rows, 1, dest, src);
    return new AttentionMask(memory.keep(floats.castTo(memory.type())), padded);
  }

  private static boolean isKey(
      int prompt, int key, int before, TokenBatch tokens, @Nullable KeyValueCache past) {
    return (past != null && key < before)
        ? past.isToken(prompt, key)
        : tokens.isToken(prompt, key - before);
  }
}
