package dev.headlamp.engine.linalg;

import static dev.headlamp.engine.linalg.Close.TOLERANCE;
import static dev.headlamp.engine.linalg.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Whatever is asked of the factors is what the formed product gives. */
class FactoredMatrixTest {

  private final RandomMatrices random = new RandomMatrices(11);
  private final INDArray a = random.next(9, 3);
  private final INDArray b = random.next(3, 9);
  private final INDArray formed = a.mmul(b);
  private final FactoredMatrix factored = FactoredMatrix.of(a, b);

  @Test
  void productsAreThoseOfTheFormedMatrix() {
    INDArray right = random.next(9, 5);
    INDArray left = random.next(5, 9);
    INDArray x = random.next(1, 9).reshape(9);
    assertClose(factored.product(), formed);
    assertClose(factored.reversedProduct(), b.mmul(a));
    assertClose(factored.transpose().product(), formed.transpose());
    assertClose(factored.times(right).product(), formed.mmul(right));
    assertClose(factored.leftTimes(left).product(), left.mmul(formed));
    assertClose(factored.timesVector(x), formed.mmul(x.reshape(9, 1)).reshape(9));
    assertClose(factored.vectorTimes(x), x.reshape(1, 9).mmul(formed).reshape(9));
  }

  @Test
  void aProductOfTwoIsFactoredWhereItIsNarrowest() {
    FactoredMatrix narrow = FactoredMatrix.of(random.next(9, 2), random.next(2, 6));
    FactoredMatrix wide = FactoredMatrix.of(random.next(9, 5), random.next(5, 6));
    assertThat(factored.times(narrow).inner()).isEqualTo(2);
    assertThat(factored.times(wide).inner()).isEqualTo(3);
    assertClose(factored.times(narrow).product(), formed.mmul(narrow.product()));
    assertClose(factored.times(wide).product(), formed.mmul(wide.product()));
  }

  @Test
  void normAndTraceAreThoseOfTheFormedMatrix() {
    assertThat(factored.norm()).isCloseTo(formed.norm2Number().doubleValue(), within(TOLERANCE));
    double trace = Nd4j.diag(formed).sumNumber().doubleValue();
    assertThat(factored.trace()).isCloseTo(trace, within(TOLERANCE));
  }

  @Test
  void collapsedMatricesKeepLengthsAndAngles() {
    INDArray left = factored.collapseLeft();
    INDArray right = factored.collapseRight();
    assertThat(left.shape()).containsExactly(3, 9);
    assertThat(right.shape()).containsExactly(9, 3);
    assertClose(left.transpose().mmul(left), formed.transpose().mmul(formed));
    assertClose(right.mmul(right.transpose()), formed.mmul(formed.transpose()));
  }

  @Test
  void balancedFactorsHaveTheSameSingularValues() {
    FactoredMatrix balanced = factored.balanced();
    assertClose(balanced.product(), formed);
    try (Svd whole = factored.svd();
        Svd left = Svd.of(balanced.a());
        Svd right = Svd.of(balanced.b())) {
      assertClose(left.s(), right.s());
      assertClose(left.s().mul(left.s()), whole.s());
    }
  }

  /** S·D·S⁻¹ has the eigenvalues of D: here 3, -2 and a rotation's, 0.5·exp(±i·π/3). */
  @Test
  void eigenvaluesAreThoseTheMatrixWasMadeWith() {
    double re = 0.5 * Math.cos(Math.PI / 3);
    double im = 0.5 * Math.sin(Math.PI / 3);
    INDArray d =
        Nd4j.createFromArray(
            new double[][] {{-2, 0, 0, 0}, {0, re, -im, 0}, {0, im, re, 0}, {0, 0, 0, 3}});
    INDArray s =
        Nd4j.createFromArray(
            new double[][] {{1, 2, 0, 1}, {0, 1, 1, 0}, {0, 0, 1, 2}, {0, 0, 0, 1}});
    INDArray inverse =
        Nd4j.createFromArray(
            new double[][] {{1, -2, 2, -5}, {0, 1, -1, 2}, {0, 0, 1, -2}, {0, 0, 0, 1}});
    // Four eigenvalues through factors of five rows: A·B has one more, 0, which is not listed.
    INDArray widen = Nd4j.vstack(s.mmul(d), Nd4j.ones(DataType.DOUBLE, 1, 4));
    INDArray narrow = Nd4j.hstack(inverse, Nd4j.zeros(DataType.DOUBLE, 4, 1));
    List<Complex> eigenvalues = FactoredMatrix.of(widen, narrow).eigenvalues();
    assertThat(eigenvalues).hasSize(4);
    assertIs(eigenvalues.get(0), 3, 0);
    assertIs(eigenvalues.get(1), -2, 0);
    assertThat(eigenvalues.get(2).im()).isCloseTo(-eigenvalues.get(3).im(), within(TOLERANCE));
    assertIs(eigenvalues.get(2), re, Math.copySign(im, eigenvalues.get(2).im()));
    assertThat(FactoredMatrix.of(widen, narrow).eigenvaluePositivity())
        .isCloseTo((3 - 2 + 2 * re) / (3 + 2 + 2 * 0.5), within(TOLERANCE));
  }

  private static void assertIs(Complex actual, double re, double im) {
    assertThat(actual.re()).isCloseTo(re, within(TOLERANCE));
    assertThat(actual.im()).isCloseTo(im, within(TOLERANCE));
  }

  @Test
  void aMatrixOfZerosHasEigenvaluesOfZero() {
    FactoredMatrix zeros =
        FactoredMatrix.of(Nd4j.zeros(DataType.DOUBLE, 4, 2), Nd4j.ones(DataType.DOUBLE, 2, 4));
    assertThat(zeros.eigenvalues()).hasSize(2).allMatch(value -> value.modulus() == 0);
    assertThat(zeros.norm()).isZero();
    assertThat(zeros.eigenvaluePositivity()).isNaN();
  }

  /** [[0, 1], [0, 0]] is the smallest matrix that has too few eigenvectors. */
  @Test
  void aDefectiveMatrixHasItsEigenvalues() {
    INDArray shift = Nd4j.createFromArray(new double[][] {{0, 1}, {0, 0}});
    FactoredMatrix matrix = FactoredMatrix.of(shift, Nd4j.eye(2).castTo(DataType.DOUBLE));
    assertThat(matrix.eigenvalues()).hasSize(2).allMatch(value -> value.modulus() == 0);
  }

  @Test
  void theFactorsAreCopied() {
    INDArray before = factored.product();
    a.assign(0);
    assertThat(factored.product()).isEqualTo(before);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FactoredMatrix.of(a, a))
        .withMessage(
            "[9, 3] does not fit [9, 3]: a product needs as many columns on its left as rows on"
                + " its right");
    assertThatIllegalArgumentException().isThrownBy(() -> factored.times(b));
    assertThatIllegalArgumentException().isThrownBy(() -> factored.leftTimes(b.transpose()));
    FactoredMatrix oblong = FactoredMatrix.of(a, random.next(3, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> factored.times(oblong.transpose()));
    assertThatIllegalArgumentException()
        .isThrownBy(oblong::eigenvalues)
        .withMessageContaining("needs a square matrix, not [9, 4]");
    assertThatIllegalArgumentException().isThrownBy(oblong::trace);
  }

  @Test
  void eigenvaluesOfWhatIsNotFiniteAreRefused() {
    a.putScalar(0, 0, Double.NaN);
    FactoredMatrix nan = FactoredMatrix.of(a, b);
    assertThatIllegalArgumentException().isThrownBy(nan::eigenvalues);
    assertThatIllegalArgumentException().isThrownBy(nan::svd);
  }
}
