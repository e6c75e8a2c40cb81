package dev.headlamp.hooks.directions;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The vectors which change one score each: {@code d_i · w_j} is 1 where i = j and else 0, and each
 * lies in the span of the directions. With the directions as rows of W they are the rows of {@code
 * (W Wᵀ)⁻¹ W}, the pseudo-inverse transposed; to add {@code Σ c_i d_i} is the smallest change after
 * which the scores have grown by c.
 */
final class DualBasis {

  /** Of unit vectors; below it one lies within 1e-5 of the span of those before it. */
  private static final double SMALLEST_PIVOT = 1e-10;

  private static final double SYMMETRY = 1e-12;

  private final double[][] vectors;

  private DualBasis(double[][] vectors) {
    this.vectors = vectors;
  }

  /**
   * @throws IllegalArgumentException if the directions are not linearly independent
   */
  static DualBasis of(Directions directions) {
    Directions units = directions.normalised();
    RealMatrix inverse = inverseOfGram(units);
    double[][] vectors = new double[units.count()][units.width()];
    for (int i = 0; i < vectors.length; i++) {
      // Those of the unit vectors, divided by what made the direction a unit vector.
      double length = Math.sqrt(Directions.dot(directions.vector(i), directions.vector(i)));
      for (int j = 0; j < vectors.length; j++) {
        add(vectors[i], inverse.getEntry(i, j) / length, units.vector(j));
      }
    }
    return new DualBasis(vectors);
  }

  private static RealMatrix inverseOfGram(Directions units) {
    int n = units.count();
    double[][] gram = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        gram[i][j] = Directions.dot(units.vector(i), units.vector(j));
        gram[j][i] = gram[i][j];
      }
    }
    try {
      return new CholeskyDecomposition(
              new Array2DRowRealMatrix(gram, false), SYMMETRY, SMALLEST_PIVOT)
          .getSolver()
          .getInverse();
    } catch (NonPositiveDefiniteMatrixException e) {
      throw new IllegalArgumentException(
          "%s: direction %d is a combination of those before it: they cannot be set or ablated together"
              .formatted(units.name(), e.getRow()),
          e);
    }
  }

  private static void add(double[] to, double factor, double[] vector) {
    Arrays.setAll(to, i -> to[i] + factor * vector[i]);
  }

  /** Changes the score of one direction in a row, and no other's. */
  void change(Rows rows, int row, int direction, double by) {
    rows.add(row, by, vectors[direction]);
  }
}
