package dev.headlamp.experiments.course;

import dev.headlamp.engine.circuits.HeadWeights;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How the QK circuit of a head is split into two factors. After {@code
 * refactor_factored_attn_matrices} the columns of W_Q and of W_K, with their bias as one more row,
 * are orthogonal, and those of W_Q are as long as those of W_K. Without the bias, which the chapter
 * leaves out, this holds but for a few columns.
 */
public final class HeadFactors {

  private final double[][] queries;
  private final double[][] keys;

  private HeadFactors(double[][] queries, double[][] keys) {
    this.queries = queries;
    this.keys = keys;
  }

  /** Returns the columns of W_Q with their bias, {@code [d_head][d_model + 1]}; borrowed. */
  public double[][] queries() {
    return queries;
  }

  /** Returns the columns of W_K with their bias, {@code [d_head][d_model + 1]}; borrowed. */
  public double[][] keys() {
    return keys;
  }

  /**
   * Reads the factors of a head.
   *
   * @throws IllegalArgumentException if the model has no such head
   */
  public static HeadFactors of(HookedGpt2 model, int layer, int head) {
    HeadWeights weights = HeadWeights.of(model.engine(), layer, head);
    return new HeadFactors(
        columns(weights.wQ(), weights.bQ()), columns(weights.wK(), weights.bK()));
  }

  private static double[][] columns(INDArray weights, @Nullable INDArray bias) {
    return IntStream.range(0, weights.columns())
        .mapToObj(
            i ->
                DoubleStream.concat(
                        Arrays.stream(weights.getColumn(i).dup().toDoubleVector()),
                        DoubleStream.of(bias == null ? 0 : bias.getDouble(i)))
                    .toArray())
        .toArray(double[][]::new);
  }

  /** Returns the squared norms of the columns: {@code [matrix, column]}, W_Q and W_K. */
  public LabelledArray squaredNorms() {
    return LabelledArray.of(
        "squared norms of the columns",
        "",
        List.of(Axis.of("matrix", "W_Q", "W_K"), Axis.numbered("column", queries.length)),
        Arrays.stream(new double[][][] {queries, keys})
            .flatMap(Arrays::stream)
            .mapToDouble(column -> dot(column, column))
            .toArray());
  }

  /** Returns the dot products of the columns of W_Q: {@code [column, other column]}. */
  public LabelledArray dotProducts() {
    int columns = queries.length;
    double[] products = new double[columns * columns];
    Arrays.setAll(products, i -> dot(queries[i / columns], queries[i % columns]));
    return LabelledArray.of(
        "dot products of the columns of W_Q",
        "",
        List.of(Axis.numbered("column", columns), Axis.numbered("other column", columns)),
        products);
  }

  /** Returns the largest difference of norms of a column of W_Q and of W_K, to the largest norm. */
  public double largestNormDifference() {
    LabelledArray norms = squaredNorms();
    double largest = Math.sqrt(norms.max().orElseThrow());
    return IntStream.range(0, queries.length)
        .mapToDouble(i -> Math.abs(Math.sqrt(norms.value(0, i)) - Math.sqrt(norms.value(1, i))))
        .map(difference -> difference / largest)
        .max()
        .orElseThrow();
  }

  /**
   * Returns the largest dot product of two columns of W_Q, to the largest of a column with itself.
   */
  public double largestDotProduct() {
    LabelledArray products = dotProducts();
    int columns = queries.length;
    return IntStream.range(0, columns * columns)
            .filter(i -> i / columns != i % columns)
            .mapToDouble(i -> Math.abs(products.value(i / columns, i % columns)))
            .max()
            .orElse(0)
        / products.max().orElseThrow();
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
