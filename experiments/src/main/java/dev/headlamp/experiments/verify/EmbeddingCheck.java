package dev.headlamp.experiments.verify;

import dev.headlamp.hooks.HookedGpt2;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Statistics of the token embeddings, the rows of wE. */
record EmbeddingCheck(Map<Quantity, Expectation> figures) implements Check {

  /** What is published of embeddings. */
  enum Quantity {
    /** The cosine of two different rows, over all pairs. */
    MEAN_PAIRWISE_COSINE,
    /** The same after the mean of all rows is taken from each. */
    MEAN_PAIRWISE_COSINE_AFTER_CENTRING,
    /** The Euclidean norm of a row, over all rows. */
    MEAN_NORM,
    /** The Euclidean norm of the mean of all rows. */
    NORM_OF_MEAN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  @Override
  public String title() {
    return "token embeddings";
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    INDArray rows = model.engine().weights().wE();
    double[] zero = new double[Math.toIntExact(rows.size(1))];
    Sums plain = new Sums(rows, zero);
    double[] mean = plain.meanRow();
    return figures.entrySet().stream()
        .<Finding>map(
            figure ->
                new Finding.Measured(
                    figure.getKey() + " of the token embeddings",
                    figure.getValue(),
                    switch (figure.getKey()) {
                      case MEAN_PAIRWISE_COSINE -> plain.meanPairwiseCosine();
                      case MEAN_PAIRWISE_COSINE_AFTER_CENTRING ->
                          new Sums(rows, mean).meanPairwiseCosine();
                      case MEAN_NORM -> plain.meanNorm();
                      case NORM_OF_MEAN -> norm(mean);
                    }))
        .toList();
  }

  /** Sums over the rows of a matrix, from each of which an offset is taken. */
  private static final class Sums {

    private final long count;
    private final double[] rows;
    private final double[] unitRows;
    private double norms;

    Sums(INDArray matrix, double[] offset) {
      count = matrix.size(0);
      rows = new double[offset.length];
      unitRows = new double[offset.length];
      for (long i = 0; i < count; i++) {
        add(matrix.getRow(i).castTo(DataType.DOUBLE).toDoubleVector(), offset);
      }
    }

    private void add(double[] row, double[] offset) {
      for (int i = 0; i < row.length; i++) {
        row[i] -= offset[i];
        rows[i] += row[i];
      }
      double norm = norm(row);
      norms += norm;
      for (int i = 0; norm > 0 && i < row.length; i++) {
        unitRows[i] += row[i] / norm;
      }
    }

    double[] meanRow() {
      return Arrays.stream(rows).map(sum -> sum / count).toArray();
    }

    double meanNorm() {
      return norms / count;
    }

    /** The square of the sum of unit rows holds the cosine of every ordered pair, and n ones. */
    double meanPairwiseCosine() {
      double norm = norm(unitRows);
      return (norm * norm - count) / ((double) count * (count - 1));
    }
  }

  private static double norm(double[] vector) {
    return Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
  }
}
