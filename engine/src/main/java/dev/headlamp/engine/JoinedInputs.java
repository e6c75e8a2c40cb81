package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Queries, keys and values that stand side by side in one array, seen as three. Views take ND4J a
 * part of a run of few rows that is worth saving, so those of arrays that are used again and again
 * are kept. Safe for many threads.
 */
final class JoinedInputs {

  private static final int MOST = 64;

  private record Views(INDArray joined, AttentionInputs inputs) {}

  /** By the address of the joined array. */
  private final Map<Long, Views> kept = new ConcurrentHashMap<>();

  /**
   * Returns queries, keys and values.
   *
   * @param joined {@code [batch, pos, 3·head·d_head]}
   */
  AttentionInputs of(INDArray joined, int heads) {
    long address = joined.data().address();
    Views views = kept.get(address);
    // An address may have been given to another array since.
    if (views == null || views.joined() != joined || views.inputs().q().size(2) != heads) {
      if (kept.size() >= MOST) {
        kept.clear();
      }
      views =
          new Views(
              joined,
              new AttentionInputs(
                  third(joined, 0, heads), third(joined, 1, heads), third(joined, 2, heads)));
      kept.put(address, views);
    }
    return views.inputs();
  }

  private static INDArray third(INDArray joined, int which, int heads) {
    long width = joined.size(2) / 3;
    long[] shape = {joined.size(0), joined.size(1), heads, width / heads};
    long[] strides = {joined.stride(0), joined.stride(1), width / heads, 1};
    return Nd4j.create(joined.data(), shape, strides, which * width, 'c');
  }

  void clear() {
    kept.clear();
  }
}
