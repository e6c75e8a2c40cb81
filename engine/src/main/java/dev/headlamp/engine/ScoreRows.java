package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores of some queries of some prompts.
 *
 * @param scores whose memory begins with {@code [prompt, head, query, key]}
 * @param keys how many keys there are, from the first on
 */
record ScoreRows(
    INDArray scores,
    int firstPrompt,
    int prompts,
    int heads,
    int firstQuery,
    int queries,
    int keys) {

  /** For fewer rows it is not worth to wake another core. */
  private static final int LEAST = 1 << 13;

  /** So many floats are written one by one sooner than by a call. */
  private static final int FEW = 16;

  /** Returns whether these are the scores of all queries that the mask is for, with all keys. */
  boolean areWhole(AttentionMask mask) {
    return firstQuery == 0 && queries == mask.queries() && keys == mask.sources();
  }

  /** Puts -inf where a query may not attend to. */
  void hide(AttentionMask mask) {
    FloatBuffer floats = CpuKernels.buffer(scores).slice();
    float[] hidden = new float[keys];
    Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
    Parallel.ranges(
        prompts * heads * queries,
        LEAST,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int prompt = firstPrompt + (row / (heads * queries));
            int query = firstQuery + (row % queries);
            int start = row * keys;
            int first = mask.first(prompt, query);
            int until = mask.until(prompt, query);
            put(hidden, floats, start, first);
            put(hidden, floats, start + until, keys - until);
            mask.eachGap(prompt, query, key -> floats.put(start + key, Float.NEGATIVE_INFINITY));
          }
        });
  }

  private static void put(float[] hidden, FloatBuffer floats, int at, int count) {
    if (count > FEW) {
      floats.put(at, hidden, 0, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      floats.put(at + i, Float.NEGATIVE_INFINITY);
    }
  }
}
