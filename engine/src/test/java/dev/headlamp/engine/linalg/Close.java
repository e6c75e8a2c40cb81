package dev.headlamp.engine.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Comparisons to float64 rounding. */
final class Close {

  static final double TOLERANCE = 1e-12;

  private Close() {}

  static void assertClose(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double[] values = actual.dup('c').data().asDouble();
    double[] wanted = expected.dup('c').data().asDouble();
    assertThat(values).containsExactly(wanted, within(TOLERANCE));
  }

  static void assertOrthonormalColumns(INDArray matrix) {
    INDArray gram = matrix.transpose().mmul(matrix);
    assertClose(gram, Nd4j.eye(matrix.columns()).castTo(DataType.DOUBLE));
  }
}
