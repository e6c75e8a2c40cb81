package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Layout;
import dev.headlamp.engine.MatrixProducts.Size;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention in float32 on a CPU, all heads together. */
final class CpuAttention {

  /** How many queries are taken together where their scores are not kept. */
  private static final int QUERIES = 64;

  /** About as many scores are in memory at a time where they are not kept. */
  private static final int SCORES = 1 << 20;

  /** Up to this many scores of a head of a single prompt, one core does best. */
  private static final long FEW = 1 << 10;

  private final MatrixProducts products;
  private final RowFunctions functions;
  private final RowFunctions functionsOfFew = new JavaRowFunctions();

  CpuAttention(MatrixProducts products, RowFunctions functions) {
    this.products = products;
    this.functions = functions;
  }

  /** Writes q·k / divisor + mask into scores {@code [batch, head, dest, src]}. */
  void scores(INDArray q, INDArray k, double divisor, AttentionMask mask, INDArray scores) {
    products.multiplyHeads(
        size(scores, scores.size(2), q.size(3), scores.size(3)),
        (float) (1 / divisor),
        HeadMatrices.byPosition(q),
        HeadMatrices.byPosition(k),
        Layout.TRANSPOSED,
        HeadMatrices.byHead(scores));
    int batch = Math.toIntExact(scores.size(0));
    int dest = Math.toIntExact(scores.size(2));
    int src = Math.toIntExact(scores.size(3));
    int heads = Math.toIntExact(scores.size(1));
    // Whoever looks at scores must see NaN where it arises.
    new ScoreRows(scores, 0, batch, heads, 0, dest, src).hide(mask);
  }

  /** Writes the softmax over the last axis into pattern. */
  void softmax(INDArray scores, boolean emptyRows, INDArray pattern) {
    int width = Math.toIntExact(scores.size(3));
    int rows = Math.toIntExact(scores.length() / width);
    functions(areFew(scores.size(0), scores.size(2), width))
        .softmax(scores, rows, width, emptyRows, pattern);
    spreadNaN(pattern, rows, width);
  }

  private RowFunctions functions(boolean few) {
    return few ? functionsOfFew : functions;
  }

  /** Makes a row with NaN NaN throughout, as ND4J's softmax does, for whoever looks at it. */
  private static void spreadNaN(INDArray pattern, int rows, int width) {
    FloatBuffer values = CpuKernels.buffer(pattern).slice();
    Parallel.ranges(
        rows,
        Parallel.least(width),
        (from, to) -> {
          float[] row = new float[width];
          for (int i = from; i < to; i++) {
            values.get(i * width, row);
            if (Float.isNaN(FloatMath.sum(row, 0, width))) {
              Arrays.fill(row, Float.NaN);
              values.put(i * width, row);
            }
          }
        });
  }

  /** Writes the values mixed by the pattern into z {@code [batch, dest, head, d_head]}. */
  void mix(INDArray pattern, INDArray v, INDArray z) {
    products.multiplyHeads(
        size(pattern, pattern.size(2), pattern.size(3), v.size(3)),
        1,
        HeadMatrices.byHead(pattern),
        HeadMatrices.byPosition(v),
        Layout.PLAIN,
        HeadMatrices.byPosition(z));
  }

  /** Returns the size of products for every head of {@code [batch, head, dest, src]}. */
  private static Size size(INDArray scores, long rows, long inner, long columns) {
    boolean few = areFew(scores.size(0), scores.size(2), scores.size(3));
    return new Size(scores.size(0), scores.size(1), rows, inner, columns, few);
  }

  private static boolean areFew(long batch, long dest, long src) {
    return batch == 1 && dest * src <= FEW;
  }

  /** Returns the number of floats that {@link #attend} works in. */
  static long scratch(INDArray q, INDArray k) {
    return prompts(q, k) * ofPrompt(q, k);
  }

  private static long ofPrompt(INDArray q, INDArray k) {
    return q.size(2) * Math.min(QUERIES, q.size(1)) * k.size(1);
  }

  /** Returns how many prompts are taken together. */
  private static long prompts(INDArray q, INDArray k) {
    return Math.max(1, Math.min(q.size(0), SCORES / ofPrompt(q, k)));
  }

  /**
   * Writes the values mixed by the softmax of the scores into z, some prompts and queries at a
   * time, and leaves out the keys behind the last that any of these may see.
   *
   * @param scratch of as many floats as {@link #scratch} says
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
    int batch = Math.toIntExact(q.size(0));
    int dest = Math.toIntExact(q.size(1));
    int heads = Math.toIntExact(q.size(2));
    int prompts = Math.toIntExact(prompts(q, k));
    // Of even parts none is a single row, which the libraries multiply in another order.
    int parts = (dest + QUERIES - 1) / QUERIES;
    boolean few = areFew(batch, dest, k.size(1));
    for (int prompt = 0; prompt < batch; prompt += prompts) {
      int together = Math.min(prompts, batch - prompt);
      for (int part = 0; part < parts; part++) {
        int from = dest * part / parts;
        int count = (dest * (part + 1) / parts) - from;
        int visible = visible(mask, prompt, together, from, count);
        HeadMatrices scores =
            new HeadMatrices(
                scratch, 0, (long) heads * count * visible, (long) count * visible, visible);
        products.multiplyHeads(
            new Size(together, heads, count, q.size(3), visible, few),
            (float) (1 / divisor),
            HeadMatrices.byPosition(q).from(prompt, from),
            HeadMatrices.byPosition(k).from(prompt, 0),
            Layout.TRANSPOSED,
            scores);
        RowFunctions rowFunctions = functions(few);
        rowFunctions.hide(
            new ScoreRows(scratch, prompt, together, heads, from, count, visible), mask);
        rowFunctions.softmax(scratch, together * heads * count, visible, emptyRows, scratch);
        products.multiplyHeads(
            new Size(together, heads, count, visible, v.size(3), few),
            1,
            scores,
            HeadMatrices.byPosition(v).from(prompt, 0),
            Layout.PLAIN,
            HeadMatrices.byPosition(z).from(prompt, from));
      }
    }
  }

  /** Returns behind which key none of the queries sees any; at least 1. */
  private static int visible(AttentionMask mask, int prompt, int prompts, int from, int count) {
    int visible = 1;
    for (int b = prompt; b < prompt + prompts; b++) {
      for (int query = from; query < from + count; query++) {
        visible = Math.max(visible, mask.until(b, query));
      }
    }
    return visible;
  }
}
