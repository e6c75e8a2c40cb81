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

  /** About as many scores are made a pattern in one go. */
  private static final int TOGETHER = 1 << 13;

  /** Up to this many scores of a head of a single prompt, one core does best. */
  private static final long FEW = 1 << 10;

  private final MatrixProducts products;

  CpuAttention(MatrixProducts products) {
    this.products = products;
  }

  /** Writes q·k / divisor + mask into scores {@code [batch, head, dest, src]}. */
  void scores(INDArray q, INDArray k, double divisor, AttentionMask mask, INDArray scores) {
    products.multiplyHeads(
        size(scores, scores.size(2), q.size(3), scores.size(3)),
        HeadMatrices.byPosition(q),
        HeadMatrices.byPosition(k),
        Layout.TRANSPOSED,
        HeadMatrices.byHead(scores));
    Rows rows = Rows.between(scores, scores);
    rows.each(
        (softmax, from, count) -> {
          softmax.scale(count, (float) (1 / divisor));
          for (int i = 0; i < count; i++) {
            rows.hide(mask, from + i, softmax.values(), i * rows.width);
          }
        });
  }

  /** Writes the softmax over the last axis into pattern. */
  void softmax(INDArray scores, boolean emptyRows, INDArray pattern) {
    Rows.between(scores, pattern)
        .each(
            (softmax, from, count) -> {
              softmax.rangesOfFinite(count);
              softmax.apply(count, emptyRows);
            });
  }

  /** Writes the values mixed by the pattern into z {@code [batch, dest, head, d_head]}. */
  void mix(INDArray pattern, INDArray v, INDArray z) {
    products.multiplyHeads(
        size(pattern, pattern.size(2), pattern.size(3), v.size(3)),
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
            HeadMatrices.byPosition(q).from(prompt, from),
            HeadMatrices.byPosition(k).from(prompt, 0),
            Layout.TRANSPOSED,
            scores);
        Rows rows = new Rows(scratch, scratch, prompt, together, heads, from, count, visible);
        rows.each(
            (softmax, first, number) -> {
              softmax.scale(number, (float) (1 / divisor));
              for (int i = 0; i < number; i++) {
                rows.limit(mask, first + i, softmax, i);
              }
              softmax.apply(number, emptyRows);
            });
        products.multiplyHeads(
            new Size(together, heads, count, visible, v.size(3), few),
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

  /** Rows of scores {@code [prompt, head, query, key]} in an array's memory. */
  private static final class Rows {

    /** Works on {@code count} rows, of which the first has the number {@code from}. */
    interface Work {
      void apply(SoftmaxRows rows, int from, int count);
    }

    private final FloatBuffer input;
    private final FloatBuffer output;
    private final int firstPrompt;
    private final int firstQuery;
    private final int queries;
    private final int headsAndQueries;
    private final int rows;
    private final int width;

    Rows(
        INDArray from,
        INDArray to,
        int firstPrompt,
        int prompts,
        int heads,
        int firstQuery,
        int queries,
        int width) {
      this.input = CpuKernels.buffer(from);
      this.output = CpuKernels.buffer(to);
      this.firstPrompt = firstPrompt;
      this.firstQuery = firstQuery;
      this.queries = queries;
      this.headsAndQueries = heads * queries;
      this.rows = prompts * headsAndQueries;
      this.width = width;
    }

    /** Returns the rows of {@code [batch, head, dest, src]}, to be written into another array. */
    static Rows between(INDArray scores, INDArray result) {
      return new Rows(
          scores,
          result,
          0,
          Math.toIntExact(scores.size(0)),
          Math.toIntExact(scores.size(1)),
          0,
          Math.toIntExact(scores.size(2)),
          Math.toIntExact(scores.size(3)));
    }

    /** Reads rows, has them worked on, and writes them, on all cores if they are many. */
    void each(Work work) {
      int together = Math.max(1, TOGETHER / width);
      Parallel.ranges(
          rows,
          Parallel.least(width),
          (from, to) -> {
            SoftmaxRows softmax = new SoftmaxRows(Math.min(together, to - from), width);
            for (int row = from; row < to; row += together) {
              int count = Math.min(together, to - row);
              int start = row * width;
              input.get(input.position() + start, softmax.values(), 0, count * width);
              work.apply(softmax, row, count);
              output.put(output.position() + start, softmax.values(), 0, count * width);
            }
          });
    }

    private int prompt(int row) {
      return firstPrompt + (row / headsAndQueries);
    }

    private int query(int row) {
      return firstQuery + (row % queries);
    }

    /** Puts -inf where the query of a row may not attend to. */
    void hide(AttentionMask mask, int row, float[] scores, int at) {
      int prompt = prompt(row);
      int query = query(row);
      int from = at + mask.first(prompt, query);
      int to = at + mask.until(prompt, query);
      Arrays.fill(scores, at, from, Float.NEGATIVE_INFINITY);
      Arrays.fill(scores, to, at + width, Float.NEGATIVE_INFINITY);
      mask.hideGaps(prompt, query, scores, at);
    }

    /** Limits a row's softmax to what its query may attend to. */
    void limit(AttentionMask mask, int row, SoftmaxRows softmax, int place) {
      int prompt = prompt(row);
      int query = query(row);
      softmax.range(place, mask.first(prompt, query), mask.until(prompt, query));
      mask.hideGaps(prompt, query, softmax.values(), place * width);
    }
  }
}
