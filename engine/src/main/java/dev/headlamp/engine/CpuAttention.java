package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention in float32 on a CPU, a head at a time. */
final class CpuAttention {

  /** How many queries are taken together where their scores are not kept. */
  private static final int QUERIES = 64;

  private final MatrixProducts products;

  CpuAttention(MatrixProducts products) {
    this.products = products;
  }

  /** Writes q·k / divisor + mask into scores {@code [batch, head, dest, src]}. */
  void scores(INDArray q, INDArray k, double divisor, AttentionMask mask, INDArray scores) {
    int batch = Math.toIntExact(q.size(0));
    int dest = Math.toIntExact(q.size(1));
    int heads = Math.toIntExact(q.size(2));
    int dHead = Math.toIntExact(q.size(3));
    int src = Math.toIntExact(k.size(1));
    fillWithMask(scores, mask, batch, heads, dest * src);
    NativeMatrix queries = NativeMatrix.of(q, (long) heads * dHead);
    NativeMatrix keys = NativeMatrix.of(k, k.stride(1));
    NativeMatrix result = NativeMatrix.of(scores, src);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        products.multiplyTransposed(
            dest,
            src,
            dHead,
            (float) (1 / divisor),
            queries.at(((long) b * dest * heads + h) * dHead),
            keys.at(b * k.stride(0) + h * k.stride(2)),
            1,
            result.at(((long) b * heads + h) * dest * src));
      }
    }
  }

  /** The product is added to what stands there, and -inf plus anything finite is -inf. */
  private static void fillWithMask(
      INDArray scores, AttentionMask mask, int batch, int heads, int size) {
    float[] values = new float[size];
    FloatBuffer masks = CpuKernels.buffer(mask.additive());
    FloatBuffer to = CpuKernels.buffer(scores);
    for (int b = 0; b < batch; b++) {
      if (b == 0 || mask.additive().size(0) > 1) {
        masks.get(masks.position() + (b * size), values);
      }
      for (int h = 0; h < heads; h++) {
        to.put(to.position() + (((b * heads) + h) * size), values);
      }
    }
  }

  /** Writes the softmax over the last axis. */
  void softmax(INDArray scores, boolean emptyRows, INDArray pattern) {
    int width = Math.toIntExact(scores.size(-1));
    FloatBuffer from = CpuKernels.buffer(scores);
    FloatBuffer to = CpuKernels.buffer(pattern);
    float[] x = new float[width];
    float[] y = new float[width];
    int rows = Math.toIntExact(scores.length() / width);
    for (int row = 0; row < rows; row++) {
      from.get(from.position() + (row * width), x);
      softmax(x, y, width, emptyRows);
      to.put(to.position() + (row * width), y);
    }
  }

  private static void softmax(float[] x, float[] y, int width, boolean mayBeEmpty) {
    int visible = width;
    while (visible > 0 && x[visible - 1] == Float.NEGATIVE_INFINITY) {
      visible--;
    }
    Arrays.fill(y, visible, width, 0);
    if (visible == 0) {
      Arrays.fill(y, 0, width, mayBeEmpty ? 0 : Float.NaN);
      return;
    }
    FloatMath.expShifted(x, FloatMath.max(x, 0, visible), y, 0, visible);
    for (int i = 0; i < visible; i++) {
      if (x[i] == Float.NEGATIVE_INFINITY) {
        y[i] = 0;
      }
    }
    float factor = 1 / FloatMath.sum(y, 0, visible);
    for (int i = 0; i < visible; i++) {
      y[i] *= factor;
    }
  }

  /** Writes the values mixed by the pattern into z {@code [batch, dest, head, d_head]}. */
  void mix(INDArray pattern, INDArray v, INDArray z) {
    int batch = Math.toIntExact(v.size(0));
    int src = Math.toIntExact(v.size(1));
    int heads = Math.toIntExact(v.size(2));
    int dHead = Math.toIntExact(v.size(3));
    int dest = Math.toIntExact(pattern.size(2));
    NativeMatrix patterns = NativeMatrix.of(pattern, src);
    NativeMatrix values = NativeMatrix.of(v, v.stride(1));
    NativeMatrix result = NativeMatrix.of(z, (long) heads * dHead);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        products.multiply(
            dest,
            dHead,
            src,
            1,
            patterns.at(((long) b * heads + h) * dest * src),
            values.at(b * v.stride(0) + h * v.stride(2)),
            0,
            result.at(((long) b * dest * heads + h) * dHead));
      }
    }
  }

  /** Returns the shape of the memory that {@link #attend} works in. */
  static long[] scratchShape(INDArray q, INDArray k) {
    return new long[] {2, Math.min(QUERIES, q.size(1)), k.size(1)};
  }

  /**
   * Writes the values mixed by the softmax of the scores into z, some queries of a head at a time,
   * and leaves out the keys that none of these may see.
   *
   * @param scratch of {@link #scratchShape}
   */
  void attend(
      INDArray q,
      INDArray k,
      INDArray v,
      double divisor,
      AttentionMask mask,
      boolean emptyRows,
      INDArray scratch,
      INDArray z) {
    int dest = Math.toIntExact(q.size(1));
    int heads = Math.toIntExact(q.size(2));
    int dHead = Math.toIntExact(q.size(3));
    int src = Math.toIntExact(k.size(1));
    NativeMatrix queries = NativeMatrix.of(q, (long) heads * dHead);
    NativeMatrix keys = NativeMatrix.of(k, k.stride(1));
    NativeMatrix values = NativeMatrix.of(v, v.stride(1));
    NativeMatrix result = NativeMatrix.of(z, (long) heads * dHead);
    SoftmaxRows rows = new SoftmaxRows(scratch, mask, emptyRows);
    for (int b = 0; b < q.size(0); b++) {
      for (int from = 0; from < dest; from += QUERIES) {
        int count = Math.min(QUERIES, dest - from);
        int visible = Math.max(1, mask.visible(b, from, from + count));
        NativeMatrix scores = NativeMatrix.of(scratch, visible);
        for (int h = 0; h < heads; h++) {
          long row = ((((long) b * dest) + from) * heads + h) * dHead;
          products.multiplyTransposed(
              count,
              visible,
              dHead,
              (float) (1 / divisor),
              queries.at(row),
              keys.at(b * k.stride(0) + h * k.stride(2)),
              0,
              scores.at(0));
          rows.apply(b, from, count, visible);
          products.multiply(
              count,
              dHead,
              visible,
              1,
              scores.at((long) Math.min(QUERIES, dest) * src),
              values.at(b * v.stride(0) + h * v.stride(2)),
              0,
              result.at(row));
        }
      }
    }
  }

  /** Makes patterns of scores: reads the first half of the scratch memory, writes the second. */
  private static final class SoftmaxRows {
    private final FloatBuffer buffer;
    private final int half;
    private final AttentionMask mask;
    private final boolean emptyRows;
    private final float[] x;
    private final float[] y;

    SoftmaxRows(INDArray scratch, AttentionMask mask, boolean emptyRows) {
      this.buffer = CpuKernels.buffer(scratch);
      this.half = Math.toIntExact(scratch.length() / 2);
      this.mask = mask;
      this.emptyRows = emptyRows;
      this.x = new float[Math.toIntExact(scratch.size(2))];
      this.y = new float[x.length];
    }

    void apply(int prompt, int from, int count, int visible) {
      int start = buffer.position();
      for (int i = 0; i < count; i++) {
        buffer.get(start + (i * visible), x, 0, visible);
        mask.hide(prompt, from + i, x, visible);
        softmax(x, y, visible, emptyRows);
        buffer.put(start + half + (i * visible), y, 0, visible);
      }
    }
  }
}
