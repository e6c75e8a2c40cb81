package dev.headlamp.engine.linalg;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A singular value decomposition {@code U·diag(S)·Vᵀ} of a matrix {@code [m, n]}, in float64, with
 * k singular values from the largest down. The signs of singular vectors, and the rotation of those
 * that share a singular value, are arbitrary. Owns its arrays, which lie outside the Java heap
 * until it is closed or garbage.
 *
 * @param u left singular vectors, as orthonormal columns: {@code [m, k]}
 * @param s singular values: {@code [k]}
 * @param v right singular vectors, as orthonormal columns: {@code [n, k]}
 */
public record Svd(INDArray u, INDArray s, INDArray v) implements AutoCloseable {

  /**
   * Returns the decomposition of {@code matrix}, k = min(m, n).
   *
   * @param matrix {@code [m, n]} of any floating type; borrowed
   * @throws IllegalArgumentException if it is no matrix, or holds NaN or infinity
   */
  public static Svd of(INDArray matrix) {
    Arrays64.requireMatrix("what is decomposed", matrix);
    Arrays64.requireFinite("the matrix to decompose", matrix);
    if (matrix.rows() < matrix.columns()) {
      Svd transposed = of(matrix.transpose());
      return new Svd(transposed.v, transposed.s, transposed.u);
    }
    if (matrix.rows() == matrix.columns()) {
      return ofSquare(matrix);
    }
    try (OrthonormalFactor factor = OrthonormalFactor.of(matrix);
        Svd inner = ofSquare(factor.rest())) {
      return new Svd(factor.q().mmul(inner.u), inner.s.dup(), inner.v.dup());
    }
  }

  private static Svd ofSquare(INDArray matrix) {
    long size = matrix.rows();
    // Fortran order, as LAPACK wants its matrices; the first is overwritten.
    INDArray overwritten = matrix.castTo(DataType.DOUBLE).dup('f');
    INDArray u = fortran(size, size);
    INDArray s = fortran(size);
    INDArray vTransposed = fortran(size, size);
    Nd4j.getBlasWrapper().lapack().gesvd(overwritten, s, u, vTransposed);
    Arrays64.free(overwritten);
    return new Svd(u, s, vTransposed.transpose());
  }

  private static INDArray fortran(long... shape) {
    return Nd4j.create(DataType.DOUBLE, shape, 'f');
  }

  /**
   * Returns the decomposition of {@code a·b} without forming it, k = the least of m, inner and n.
   *
   * @param a {@code [m, inner]} of any floating type; borrowed
   * @param b {@code [inner, n]}; borrowed
   * @throws IllegalArgumentException if these are no matrices, do not fit each other, or hold NaN
   *     or infinity
   */
  public static Svd ofProduct(INDArray a, INDArray b) {
    FactoredMatrix.requireFactors(a, b);
    try (OrthonormalFactor left = OrthonormalFactor.of(a);
        OrthonormalFactor right = OrthonormalFactor.of(b.transpose());
        Svd inner = of(left.rest().mmul(right.rest().transpose()))) {
      return new Svd(left.q().mmul(inner.u), inner.s.dup(), right.q().mmul(inner.v));
    }
  }

  /** Frees the arrays. */
  @Override
  public void close() {
    Arrays64.free(u);
    Arrays64.free(s);
    Arrays64.free(v);
  }
}
