package dev.headlamp.experiments.embeddings;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Some rows of an embedding, for what cannot be computed over all pairs. */
public final class RowSample {

  private final List<Integer> ids;
  private final double[][] rows;

  private RowSample(List<Integer> ids, double[][] rows) {
    this.ids = List.copyOf(ids);
    this.rows = rows;
  }

  /** Returns which rows, in rising order. */
  public List<Integer> ids() {
    return ids;
  }

  /** Returns what they hold, {@code [sampled][width]}; borrowed. */
  public double[][] rows() {
    return rows;
  }

  /**
   * Draws rows without putting them back; all if there are no more than {@code count}.
   *
   * @param table {@code [rows, width]}; borrowed
   * @throws IllegalArgumentException if fewer than two rows are asked for
   */
  public static RowSample draw(INDArray table, int count, long seed) {
    if (count < 2) {
      throw new IllegalArgumentException("a sample of " + count + " rows has no pair: take 2");
    }
    int total = table.rows();
    int[] ids =
        count >= total
            ? IntStream.range(0, total).toArray()
            : new SplittableRandom(seed).ints(0, total).distinct().limit(count).sorted().toArray();
    try (INDArray drawn = Nd4j.pullRows(table, 1, ids)) {
      return new RowSample(
          Arrays.stream(ids).boxed().toList(),
          IntStream.range(0, ids.length)
              .mapToObj(i -> drawn.getRow(i).toDoubleVector())
              .toArray(double[][]::new));
    }
  }

  /** Returns the rows less an offset. */
  public RowSample minus(double[] offset) {
    return new RowSample(
        ids,
        Arrays.stream(rows)
            .map(
                row ->
                    IntStream.range(0, row.length).mapToDouble(i -> row[i] - offset[i]).toArray())
            .toArray(double[][]::new));
  }

  /** Returns the cosine of every two rows, {@code [sampled][sampled]}; of a zero row, 0. */
  public double[][] cosines() {
    double[][] units = Arrays.stream(rows).map(RowSample::unit).toArray(double[][]::new);
    double[][] cosines = new double[units.length][units.length];
    for (int i = 0; i < units.length; i++) {
      for (int j = 0; j <= i; j++) {
        // Rounding may go beyond what a cosine can be.
        cosines[i][j] = Math.max(-1, Math.min(1, dot(units[i], units[j])));
        cosines[j][i] = cosines[i][j];
      }
    }
    return cosines;
  }

  /** Returns the cosine of every pair of two different rows. */
  public double[] pairCosines() {
    double[][] cosines = cosines();
    return IntStream.range(0, cosines.length)
        .boxed()
        .flatMapToDouble(i -> Arrays.stream(cosines[i], 0, i))
        .toArray();
  }

  private static double[] unit(double[] row) {
    double norm = Math.sqrt(dot(row, row));
    return Arrays.stream(row).map(x -> norm > 0 ? x / norm : 0).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
