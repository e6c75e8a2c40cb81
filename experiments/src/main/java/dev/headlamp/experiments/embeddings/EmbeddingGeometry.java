package dev.headlamp.experiments.embeddings;

import dev.headlamp.engine.circuits.EmbeddingStatistics;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How the rows of an embedding lie, as the GPT-Neo thread asked it: a constant offset that all rows
 * share makes every cosine large, and is gone when the mean row is subtracted.
 *
 * @param rows how many rows
 * @param norms smallest, mean and largest Euclidean norm of a row
 * @param normOfMean norm of the mean row: of the constant offset
 * @param meanCosine mean cosine of two different rows, over all pairs
 * @param meanCosineCentred the same after the mean row was subtracted from each
 * @param meanAbsoluteCosine mean absolute cosine of two different rows, over pairs of a sample
 * @param meanAbsoluteCosineCentred the same after the mean of all rows was subtracted
 */
public record EmbeddingGeometry(
    int rows,
    DoubleSummaryStatistics norms,
    double normOfMean,
    double meanCosine,
    double meanCosineCentred,
    double meanAbsoluteCosine,
    double meanAbsoluteCosineCentred) {

  /** What {@link #values} holds, in its order. */
  public static final List<String> QUANTITIES =
      List.of(
          "rows",
          "smallest norm",
          "mean norm",
          "largest norm",
          "norm of the mean",
          "mean cosine",
          "mean cosine, centred",
          "mean |cosine|, sampled",
          "mean |cosine|, sampled, centred");

  /**
   * Measures an embedding.
   *
   * @param table {@code [rows, width]}; borrowed
   * @param sampled how many rows to take for mean absolute cosines; all if there are fewer
   * @param seed which rows
   * @throws IllegalArgumentException if the table or the sample has fewer than two rows
   */
  public static EmbeddingGeometry of(INDArray table, int sampled, long seed) {
    EmbeddingStatistics statistics = EmbeddingStatistics.of(table);
    RowSample sample = RowSample.draw(table, sampled, seed);
    try (INDArray norms = statistics.norms();
        INDArray mean = table.mean(0)) {
      double[] offset = mean.toDoubleVector();
      return new EmbeddingGeometry(
          table.rows(),
          Arrays.stream(norms.toDoubleVector()).summaryStatistics(),
          Math.sqrt(Arrays.stream(offset).map(x -> x * x).sum()),
          statistics.meanCosine(),
          statistics.meanCosineCentred(),
          meanAbsolute(sample),
          meanAbsolute(sample.minus(offset)));
    }
  }

  private static double meanAbsolute(RowSample sample) {
    return Arrays.stream(sample.pairCosines()).map(Math::abs).average().orElseThrow();
  }

  /** Returns the numbers as {@link #QUANTITIES} lists them. */
  public double[] values() {
    return new double[] {
      rows,
      norms.getMin(),
      norms.getAverage(),
      norms.getMax(),
      normOfMean,
      meanCosine,
      meanCosineCentred,
      meanAbsoluteCosine,
      meanAbsoluteCosineCentred
    };
  }

  /** Returns several embeddings as one result: {@code [embedding, quantity]}. */
  public static LabelledArray labelled(Axis embeddings, List<EmbeddingGeometry> geometries) {
    return LabelledArray.of(
        "geometry of the embeddings",
        "",
        List.of(embeddings, new Axis("quantity", QUANTITIES)),
        geometries.stream().flatMapToDouble(g -> Arrays.stream(g.values())).toArray());
  }
}
