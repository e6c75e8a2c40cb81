package dev.headlamp.engine;

import java.util.Arrays;

/**
 * Attention of one query after another in plain Java, where every query has keys of its own and
 * matrices would be too small to be worth a call. Loops go over all heads at once, which is what
 * makes them long enough for the JIT to vectorise; for that every position's key and value begin an
 * array of their own. For one thread.
 */
final class RowAttention {

  private final int heads;
  private final int dHead;
  private final int width;
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
    this.products = new float[width];
    this.pattern = new float[heads * mostKeys];
  }

  /**
   * Writes z of every head for one query.
   *
   * @param q {@code [head·d_head]}
   * @param keys {@code [pos][head·d_head]}
   * @param values as the keys
   * @param from the first position the query sees
   * @param to the position behind the last it sees
   * @param z {@code [head·d_head]}
   */
  void attend(
      float[] q, float[][] keys, float[][] values, int from, int to, double divisor, float[] z) {
    int count = to - from;
    for (int pos = from; pos < to; pos++) {
      score(q, keys[pos], pos - from, count);
    }
    softmax(heads, count, (float) (1 / divisor));
    Arrays.fill(z, 0, width, 0);
    for (int pos = from; pos < to; pos++) {
      mix(values[pos], pos - from, count, z);
    }
  }

  /**
   * Writes what some of the positions add to z of every head for one query, of whom the products
   * with all other keys are known.
   *
   * @param own at which positions keys and values are given; there is no need of others
   * @param others the query's products with the other positions' keys, {@code [head, pos]}; becomes
   *     the weights of their values, 0 at positions that are not theirs or not seen
   * @param width how many positions these products have
   */
  void attend(
      float[] q,
      float[][] keys,
      float[][] values,
      boolean[] own,
      float[] others,
      int width,
      int from,
      int to,
      double divisor,
      float[] z) {
    int count = to - from;
    for (int pos = from; pos < to; pos++) {
      if (own[pos]) {
        score(q, keys[pos], pos - from, count);
      } else {
        for (int head = 0; head < heads; head++) {
          pattern[(head * count) + pos - from] = others[(head * width) + pos];
        }
      }
    }
    softmax(heads, count, (float) (1 / divisor));
    Arrays.fill(z, 0, this.width, 0);
    Arrays.fill(others, 0, heads * width, 0);
    for (int pos = from; pos < to; pos++) {
      if (own[pos]) {
        mix(values[pos], pos - from, count, z);
      } else {
        for (int head = 0; head < heads; head++) {
          others[(head * width) + pos] = pattern[(head * count) + pos - from];
        }
      }
    }
  }

  /** Writes the products of a query and a key into the patterns of all heads. */
  private void score(float[] q, float[] key, int place, int count) {
    FloatMath.multiply(q, key, products, width);
    for (int head = 0; head < heads; head++) {
      pattern[(head * count) + place] = FloatMath.sum(products, head * dHead, (head + 1) * dHead);
    }
  }

  /** Makes patterns of the products of some heads. */
  private void softmax(int number, int count, float factor) {
    FloatMath.scale(pattern, factor, number * count);
    for (int at = 0; at < number * count; at += count) {
      FloatMath.subtractMax(pattern, at, at + count);
    }
    FloatMath.exp(pattern, number * count);
    for (int at = 0; at < number * count; at += count) {
      FloatMath.divideBySum(pattern, at, at + count);
    }
  }

  /** Adds a value by its weights to z of all heads. */
  private void mix(float[] value, int place, int count, float[] z) {
    for (int head = 0; head < heads; head++) {
      Arrays.fill(products, head * dHead, (head + 1) * dHead, pattern[(head * count) + place]);
    }
    FloatMath.addProduct(products, value, z, width);
  }

  /** Writes z of one head for one query; arguments as above. */
  void attend(
      int head,
      float[] q,
      float[][] keys,
      float[][] values,
      int from,
      int to,
      double divisor,
      float[] z) {
    int offset = head * dHead;
    for (int pos = from; pos < to; pos++) {
      pattern[pos - from] = FloatMath.dot(q, offset, keys[pos], offset, dHead);
    }
    softmax(1, to - from, (float) (1 / divisor));
    mix(head, pattern, values, from, to, z);
  }

  /** Writes z of one head: values by their weights, which begin at {@code from}. */
  void mix(int head, float[] weights, float[][] values, int from, int to, float[] z) {
    int offset = head * dHead;
    Arrays.fill(z, offset, offset + dHead, 0);
    for (int pos = from; pos < to; pos++) {
      float weight = weights[pos - from];
      float[] v = values[pos];
      for (int i = offset; i < offset + dHead; i++) {
        z[i] += weight * v[i];
      }
    }
  }
}
