package dev.headlamp.engine.linalg;

import static dev.headlamp.engine.linalg.Close.TOLERANCE;
import static dev.headlamp.engine.linalg.Close.assertClose;
import static dev.headlamp.engine.linalg.Close.assertOrthonormalColumns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Singular value decompositions of matrices and of products. */
class SvdTest {

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 5", "9, 4", "4, 9", "7, 1", "1, 7", "200, 64"})
  void theFactorsGiveTheMatrixBack(int rows, int columns) {
    INDArray matrix = new RandomMatrices(rows * 31L + columns).next(rows, columns);
    INDArray before = matrix.dup();
    try (Svd svd = Svd.of(matrix)) {
      assertIsDecompositionOf(matrix, svd);
      assertThat(svd.s().length()).isEqualTo(Math.min(rows, columns));
    }
    assertThat(matrix).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"9, 3, 9", "9, 3, 5", "3, 9, 5", "5, 7, 4", "4, 1, 6", "1, 1, 1", "70, 8, 70"})
  void aProductIsDecomposedAsIfItWereFormed(int rows, int inner, int columns) {
    RandomMatrices random = new RandomMatrices(7);
    INDArray a = random.next(rows, inner);
    INDArray b = random.next(inner, columns);
    try (Svd ofFactors = Svd.ofProduct(a, b);
        Svd ofProduct = Svd.of(a.mmul(b))) {
      assertIsDecompositionOf(a.mmul(b), ofFactors);
      long rank = ofFactors.s().length();
      assertThat(rank).isEqualTo(Math.min(inner, Math.min(rows, columns)));
      for (long i = 0; i < rank; i++) {
        assertThat(ofFactors.s().getDouble(i))
            .isCloseTo(ofProduct.s().getDouble(i), within(TOLERANCE));
      }
    }
  }

  private static void assertIsDecompositionOf(INDArray matrix, Svd svd) {
    assertOrthonormalColumns(svd.u());
    assertOrthonormalColumns(svd.v());
    assertClose(svd.u().mulRowVector(svd.s()).mmul(svd.v().transpose()), matrix);
    double[] values = svd.s().toDoubleVector();
    for (int i = 1; i < values.length; i++) {
      assertThat(values[i]).isBetween(0.0, values[i - 1]);
    }
  }

  /** [[3, 0], [4, 5]] has singular values √45 and √5. */
  @Test
  void singularValuesAreThoseOfTheTextbook() {
    try (Svd svd = Svd.of(Nd4j.createFromArray(new double[][] {{3, 0}, {4, 5}}))) {
      assertThat(svd.s().toDoubleVector())
          .containsExactly(new double[] {Math.sqrt(45), Math.sqrt(5)}, within(TOLERANCE));
    }
  }

  @Test
  void aMatrixOfLowerRankHasOrthonormalSingularVectorsToo() {
    INDArray rankOne = new RandomMatrices(3).next(6, 1).mmul(new RandomMatrices(4).next(1, 4));
    for (INDArray matrix : new INDArray[] {rankOne, Nd4j.zeros(DataType.DOUBLE, 6, 4)}) {
      try (Svd svd = Svd.of(matrix)) {
        assertIsDecompositionOf(matrix, svd);
      }
    }
  }

  @Test
  void floatsAndViewsAreTaken() {
    INDArray matrix = new RandomMatrices(5).next(4, 6).castTo(DataType.FLOAT);
    try (Svd svd = Svd.of(matrix.transpose())) {
      assertIsDecompositionOf(matrix.transpose().castTo(DataType.DOUBLE), svd);
    }
  }

  @Test
  void whatCannotBeDecomposedIsRefused() {
    INDArray nan = new RandomMatrices(6).next(3, 2);
    nan.putScalar(2, 1, Double.NaN);
    INDArray infinite = nan.dup().putScalar(2, 1, Double.POSITIVE_INFINITY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Svd.of(nan))
        .withMessage("the matrix to decompose holds a value that is not finite");
    assertThatIllegalArgumentException().isThrownBy(() -> Svd.of(infinite));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Svd.ofProduct(nan, Nd4j.ones(DataType.DOUBLE, 2, 3)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Svd.of(Nd4j.ones(DataType.DOUBLE, 4)))
        .withMessage("what is decomposed must be a matrix, not of shape [4]");
  }
}
