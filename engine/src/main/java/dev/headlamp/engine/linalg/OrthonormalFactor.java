package dev.headlamp.engine.linalg;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix {@code [m, n]} as {@code q·rest}, whose first factor keeps lengths and angles, so that
 * what is asked about the matrix can be asked about the small second one.
 *
 * @param q {@code [m, min(m, n)]}, columns orthonormal
 * @param rest {@code [min(m, n), n]}
 */
record OrthonormalFactor(INDArray q, INDArray rest) implements AutoCloseable {

  static OrthonormalFactor of(INDArray matrix) {
    Arrays64.requireFinite("the matrix to decompose", matrix);
    long rows = matrix.rows();
    long columns = matrix.columns();
    if (rows <= columns) {
      return new OrthonormalFactor(Nd4j.eye(rows).castTo(DataType.DOUBLE), Arrays64.copy(matrix));
    }
    // LAPACK's matrices are in Fortran order; ND4J overwrites the first with Q.
    INDArray q = matrix.castTo(DataType.DOUBLE).dup('f');
    INDArray rest = Nd4j.create(DataType.DOUBLE, new long[] {columns, columns}, 'f');
    Nd4j.getBlasWrapper().lapack().geqrf(q, rest);
    return new OrthonormalFactor(q, rest);
  }

  @Override
  public void close() {
    Arrays64.free(q);
    Arrays64.free(rest);
  }
}
