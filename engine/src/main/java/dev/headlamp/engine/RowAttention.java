package dev.headlamp.engine;

import java.util.Arrays;

/**
 * Attention of one query after another in plain Java, where every query has keys of its own and
 * matrices would be too small to be worth a call. Loops go over all heads at once, which is what
 * makes them long enough for the JIT to vectorise. For one thread.
 */
final class RowAttention {

  private final int heads;
  private final int dHead;
  private final int width;

  /** A position's row from its beginning on: with other offsets loops are not vectorised. */
  private final float[] row;

  private final float[] products;
  private final float[] pattern;

  /**
   * Returns attention of a model's heads.
   *
   * @param mostKeys the most keys of a query
   */
  RowAttention(Gpt2Config config, int mostKeys) {
    this.heads = config.nHeads();
    this.dHead = config.dHead();
    this.width = heads * dHead;
    this.row = new float[width];
    this.products = new float[width];
    this.pattern = new float[heads * mostKeys];
  }

  /**
   * Writes z of every head for one query.
   *
   * @param q {@code [head·d_head]}
   * @param from the first position the query sees
   * @param to the position behind the last it sees
   * @param z {@code [head·d_head]}
   */
  void attend(
      float[] q, RowTable keys, RowTable values, int from, int to, double divisor, float[] z) {
    scores(q, keys, from, to, (float) (1 / divisor));
    softmax(heads, to - from);
    mix(values, from, to, z);
  }

  private void scores(float[] q, RowTable keys, int from, int to, float factor) {
    int count = to - from;
    for (int pos = from; pos < to; pos++) {
      System.arraycopy(keys.array(pos), keys.start(pos), row, 0, width);
      FloatMath.multiply(q, row, products, width);
      for (int head = 0; head < heads; head++) {
        pattern[(head * count) + pos - from] =
            factor * FloatMath.sum(products, head * dHead, (head + 1) * dHead);
      }
    }
  }

  /** Makes patterns of the scores of some heads. */
  private void softmax(int number, int count) {
    for (int at = 0; at < number * count; at += count) {
      FloatMath.subtractMax(pattern, at, at + count);
    }
    FloatMath.exp(pattern, number * count);
    for (int at = 0; at < number * count; at += count) {
      FloatMath.divideBySum(pattern, at, at + count);
    }
  }

  private void mix(RowTable values, int from, int to, float[] z) {
    int count = to - from;
    Arrays.fill(z, 0, width, 0);
    for (int pos = from; pos < to; pos++) {
      for (int head = 0; head < heads; head++) {
        Arrays.fill(
            products, head * dHead, (head + 1) * dHead, pattern[(head * count) + pos - from]);
      }
      System.arraycopy(values.array(pos), values.start(pos), row, 0, width);
      FloatMath.addProduct(products, row, z, width);
    }
  }

  /** Writes z of one head for one query; arguments as above. */
  void attend(
      int head,
      float[] q,
      RowTable keys,
      RowTable values,
      int from,
      int to,
      double divisor,
      float[] z) {
    float factor = (float) (1 / divisor);
    int offset = head * dHead;
    for (int pos = from; pos < to; pos++) {
      pattern[pos - from] =
          factor * FloatMath.dot(q, offset, keys.array(pos), keys.start(pos) + offset, dHead);
    }
    softmax(1, to - from);
    mix(head, pattern, values, from, to, z);
  }

  /** Writes z of one head: values by their weights, which begin at {@code from}. */
  void mix(int head, float[] weights, RowTable values, int from, int to, float[] z) {
    int offset = head * dHead;
    Arrays.fill(z, offset, offset + dHead, 0);
    for (int pos = from; pos < to; pos++) {
      float weight = weights[pos - from];
      float[] v = values.array(pos);
      int at = values.start(pos) + offset;
      for (int i = 0; i < dHead; i++) {
        z[offset + i] += weight * v[at + i];
      }
    }
  }
}
