package dev.headlamp.engine.circuits;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * How the rows of an embedding lie: how long they are, and whether they crowd into a cone. All in
 * float64.
 *
 * @param norms length of each row: {@code [rows]}
 * @param meanCosine mean cosine over all pairs of two rows
 * @param meanCosineCentred the same, after the mean of all rows was subtracted from each
 */
public record EmbeddingStatistics(INDArray norms, double meanCosine, double meanCosineCentred) {

  private static final int CHUNK = 1024;

  /**
   * Returns the statistics of an embedding's rows. A row of zeros has cosine 0 with any other.
   *
   * @param table {@code [rows, width]}, as wE, wPos or the unembedding by token; borrowed
   * @throws IllegalArgumentException if it has fewer than two rows
   */
  public static EmbeddingStatistics of(INDArray table) {
    if (table.rank() != 2 || table.size(0) < 2) {
      throw new IllegalArgumentException(
          "statistics of pairs need a matrix of at least two rows, not %s"
              .formatted(Arrays.toString(table.shape())));
    }
    int rows = table.rows();
    double[] mean = new double[table.columns()];
    forEachRow(table, (index, row) -> addScaled(mean, row, 1.0 / rows));
    double[] norms = new double[rows];
    UnitSum plain = new UnitSum(mean.length);
    UnitSum centred = new UnitSum(mean.length);
    forEachRow(
        table,
        (index, row) -> {
          norms[index] = norm(row);
          plain.add(row);
          addScaled(row, mean, -1);
          centred.add(row);
        });
    return new EmbeddingStatistics(
        Nd4j.createFromArray(norms), plain.meanCosine(), centred.meanCosine());
  }

  /**
   * The sum of rows scaled to length 1: its squared length is the sum of the cosines of all ordered
   * pairs, each row's with itself included.
   */
  private static final class UnitSum {

    private final double[] sum;
    private long count;
    private long nonZero;

    UnitSum(int width) {
      sum = new double[width];
    }

    void add(double[] row) {
      count++;
      double norm = norm(row);
      if (norm > 0) {
        nonZero++;
        addScaled(sum, row, 1 / norm);
      }
    }

    double meanCosine() {
      double length = norm(sum);
      return (length * length - nonZero) / (count * (count - 1.0));
    }
  }

  /** Takes a row, which it may write to and not keep. */
  private interface RowAction {
    void take(int index, double[] row);
  }

  private static void forEachRow(INDArray table, RowAction action) {
    double[] row = new double[table.columns()];
    for (int start = 0; start < table.rows(); start += CHUNK) {
      int end = Math.min(start + CHUNK, table.rows());
      INDArray chunk = table.get(NDArrayIndex.interval(start, end), NDArrayIndex.all());
      double[] values = chunk.dup('c').data().asDouble();
      for (int i = start; i < end; i++) {
        System.arraycopy(values, (i - start) * row.length, row, 0, row.length);
        action.take(i, row);
      }
    }
  }

  private static void addScaled(double[] sum, double[] row, double factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * row[i];
    }
  }

  private static double norm(double[] row) {
    double squares = 0;
    for (double value : row) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }
}
