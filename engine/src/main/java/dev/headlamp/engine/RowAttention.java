package dev.headlamp.engine;

/**
 * Attention of one query after another in plain Java, where every query has keys of its own and
 * matrices would be too small to be worth a call. For one thread.
 */
final class RowAttention {

  private final int heads;
  private final int dHead;
  private final float[] scores;
  private final float[] pattern;

  /**
   * Returns attention of a model's heads.
   *
   * @param mostKeys the most keys of a query
   */
  RowAttention(Gpt2Config config, int mostKeys) {
    this.heads = config.nHeads();
    this.dHead = config.dHead();
    this.scores = new float[mostKeys];
    this.pattern = new float[mostKeys];
  }

  /**
   * Writes z of every head for one query.
   *
   * @param q {@code [head·d_head]} from {@code qAt} on
   * @param keys {@code [pos, head·d_head]}
   * @param values {@code [pos, head·d_head]}
   * @param from the first position the query sees
   * @param to the position behind the last it sees
   * @param z {@code [head·d_head]} from {@code zAt} on
   */
  void attend(
      float[] q,
      int qAt,
      float[] keys,
      float[] values,
      int from,
      int to,
      double divisor,
      float[] z,
      int zAt) {
    for (int head = 0; head < heads; head++) {
      attend(head, q, qAt, keys, values, from, to, divisor, z, zAt);
    }
  }

  /** Writes z of one head for one query; arguments as above. */
  void attend(
      int head,
      float[] q,
      int qAt,
      float[] keys,
      float[] values,
      int from,
      int to,
      double divisor,
      float[] z,
      int zAt) {
    int width = heads * dHead;
    int offset = head * dHead;
    float factor = (float) (1 / divisor);
    for (int key = from; key < to; key++) {
      scores[key - from] =
          factor * FloatMath.dot(q, qAt + offset, keys, (key * width) + offset, dHead);
    }
    int count = to - from;
    float max = FloatMath.max(scores, 0, count);
    for (int i = 0; i < count; i++) {
      pattern[i] = scores[i] - max;
    }
    FloatMath.exp(pattern, count);
    float share = 1 / FloatMath.sum(pattern, 0, count);
    for (int i = 0; i < count; i++) {
      pattern[i] *= share;
    }
    mix(head, pattern, 0, values, from, to, z, zAt);
  }

  /** Writes z of one head: values weighted by a row of the pattern, that begins at key 0. */
  void mix(int head, float[] row, int rowAt, float[] values, int from, int to, float[] z, int zAt) {
    int width = heads * dHead;
    int start = zAt + (head * dHead);
    java.util.Arrays.fill(z, start, start + dHead, 0);
    for (int key = from; key < to; key++) {
      float weight = row[rowAt + key - from];
      int at = (key * width) + (head * dHead);
      for (int i = 0; i < dHead; i++) {
        z[start + i] += weight * values[at + i];
      }
    }
  }
}
