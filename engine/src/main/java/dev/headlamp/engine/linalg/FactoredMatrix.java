package dev.headlamp.engine.linalg;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The matrix {@code A·B} of two factors, in float64, without forming it: a head's OV circuit is
 * {@code [d_model, d_model]} but passes through d_head numbers, and what one asks about it
 * (singular values, eigenvalues, norm) is asked of matrices of that size. Immutable; its arrays lie
 * outside the Java heap and are freed with it by the garbage collector.
 */
public final class FactoredMatrix {

  private final INDArray a;
  private final INDArray b;

  private FactoredMatrix(INDArray a, INDArray b) {
    this.a = a;
    this.b = b;
  }

  /**
   * Returns {@code a·b}.
   *
   * @param a {@code [m, k]} of any floating type; copied
   * @param b {@code [k, n]}; copied
   * @throws IllegalArgumentException if these are no matrices, or do not fit each other
   */
  public static FactoredMatrix of(INDArray a, INDArray b) {
    requireFactors(a, b);
    return new FactoredMatrix(Arrays64.copy(a), Arrays64.copy(b));
  }

  static void requireFactors(INDArray a, INDArray b) {
    Arrays64.requireMatrix("the left factor", a);
    Arrays64.requireMatrix("the right factor", b);
    requireFit(a.shape(), b.shape());
  }

  private static void requireFit(long[] left, long[] right) {
    if (left[1] != right[0]) {
      throw new IllegalArgumentException(
          "%s does not fit %s: a product needs as many columns on its left as rows on its right"
              .formatted(Arrays.toString(left), Arrays.toString(right)));
    }
  }

  /** Returns the left factor {@code [m, k]}, borrowed and not to be written to. */
  public INDArray a() {
    return a;
  }

  /** Returns the right factor {@code [k, n]}, borrowed and not to be written to. */
  public INDArray b() {
    return b;
  }

  /** Returns m. */
  public long rows() {
    return a.rows();
  }

  /** Returns n. */
  public long columns() {
    return b.columns();
  }

  /** Returns k, which the matrix's rank does not exceed. */
  public long inner() {
    return a.columns();
  }

  /** Returns {@code A·B}, formed: {@code [m, n]}, owned by the caller. */
  public INDArray product() {
    return a.mmul(b);
  }

  /** Returns {@code B·A}, owned by the caller: {@code [k, k]}. */
  public INDArray reversedProduct() {
    requireSquare("B·A");
    return b.mmul(a);
  }

  /** Returns {@code (A·B)ᵀ}, {@code [n, m]}. */
  public FactoredMatrix transpose() {
    return of(b.transpose(), a.transpose());
  }

  /** Returns {@code A·B·right} for {@code right [n, p]}: {@code [m, p]}. */
  public FactoredMatrix times(INDArray right) {
    requireFactors(b, right);
    INDArray wide = Arrays64.copy(right);
    INDArray product = b.mmul(wide);
    Arrays64.free(wide);
    return new FactoredMatrix(a, product);
  }

  /** Returns {@code left·A·B} for {@code left [p, m]}: {@code [p, n]}. */
  public FactoredMatrix leftTimes(INDArray left) {
    requireFactors(left, a);
    INDArray wide = Arrays64.copy(left);
    INDArray product = wide.mmul(a);
    Arrays64.free(wide);
    return new FactoredMatrix(product, b);
  }

  /** Returns {@code A·B·C·D} for {@code right = C·D}, factored where it is narrowest. */
  public FactoredMatrix times(FactoredMatrix right) {
    requireFit(new long[] {rows(), columns()}, new long[] {right.rows(), right.columns()});
    INDArray middle = b.mmul(right.a);
    return inner() <= right.inner()
        ? new FactoredMatrix(a, middle.mmul(right.b))
        : new FactoredMatrix(a.mmul(middle), right.b);
  }

  /** Returns {@code A·B·x} for {@code x [n]}: {@code [m]}, owned by the caller. */
  public INDArray timesVector(INDArray x) {
    return times(x.reshape(x.length(), 1)).product().reshape(rows());
  }

  /** Returns {@code x·A·B} for {@code x [m]}: {@code [n]}, owned by the caller. */
  public INDArray vectorTimes(INDArray x) {
    return leftTimes(x.reshape(1, x.length())).product().reshape(columns());
  }

  /**
   * Returns the singular value decomposition of {@code A·B}.
   *
   * @throws IllegalArgumentException if a factor holds NaN or infinity
   */
  public Svd svd() {
    return Svd.ofProduct(a, b);
  }

  /**
   * Returns the same matrix with factors of equal singular values: {@code U·√S} and {@code √S·Vᵀ}.
   *
   * @throws IllegalArgumentException if a factor holds NaN or infinity
   */
  public FactoredMatrix balanced() {
    try (Svd svd = svd()) {
      INDArray roots = Transforms.sqrt(svd.s(), true);
      return of(svd.u().mulRowVector(roots), svd.v().mulRowVector(roots).transpose());
    }
  }

  /**
   * Returns the eigenvalues of {@code B·A}, which are those of {@code A·B} but for zeros, from the
   * largest modulus down: k of them, complex ones in conjugate pairs.
   *
   * @throws IllegalArgumentException if {@code A·B} is not square, or a factor holds NaN or
   *     infinity
   */
  public List<Complex> eigenvalues() {
    requireSquare("eigenvalues");
    INDArray reversed = reversedProduct();
    Arrays64.requireFinite("B·A", reversed);
    EigenDecomposition eigen =
        new EigenDecomposition(new Array2DRowRealMatrix(reversed.toDoubleMatrix(), false));
    double[] re = eigen.getRealEigenvalues();
    double[] im = eigen.getImagEigenvalues();
    return IntStream.range(0, re.length)
        .mapToObj(i -> new Complex(re[i], im[i]))
        .sorted(Comparator.comparingDouble(Complex::modulus).reversed())
        .toList();
  }

  /**
   * Returns the sum of the eigenvalues over the sum of their moduli, in [-1, 1]: 1 where all are
   * positive. Of a head's circuit from tokens to tokens it is that head's copying score (Elhage et
   * al., 2021). NaN where all are 0.
   *
   * @throws IllegalArgumentException if {@code A·B} is not square, or a factor holds NaN or
   *     infinity
   */
  public double eigenvaluePositivity() {
    List<Complex> eigenvalues = eigenvalues();
    return eigenvalues.stream().mapToDouble(Complex::re).sum()
        / eigenvalues.stream().mapToDouble(Complex::modulus).sum();
  }

  /**
   * Returns the trace of {@code A·B}, which is the sum of its eigenvalues.
   *
   * @throws IllegalArgumentException if {@code A·B} is not square
   */
  public double trace() {
    requireSquare("a trace");
    return a.mul(b.transpose()).sumNumber().doubleValue();
  }

  /**
   * Returns the Frobenius norm of {@code A·B}: the root of the sum of its squared entries.
   *
   * @throws IllegalArgumentException if a factor holds NaN or infinity
   */
  public double norm() {
    try (OrthonormalFactor left = OrthonormalFactor.of(a);
        OrthonormalFactor right = OrthonormalFactor.of(b.transpose())) {
      return left.rest().mmul(right.rest().transpose()).norm2Number().doubleValue();
    }
  }

  /**
   * Returns C {@code [min(m, k), n]} with {@code CᵀC = (AB)ᵀ(AB)}: what remains of the matrix for
   * whoever looks at lengths and angles of what it gives to column vectors. Owned by the caller.
   */
  public INDArray collapseLeft() {
    try (OrthonormalFactor left = OrthonormalFactor.of(a)) {
      return left.rest().mmul(b);
    }
  }

  /** Returns C {@code [m, min(k, n)]} with {@code CCᵀ = (AB)(AB)ᵀ}, owned by the caller. */
  public INDArray collapseRight() {
    try (OrthonormalFactor right = OrthonormalFactor.of(b.transpose())) {
      return a.mmul(right.rest().transpose());
    }
  }

  private void requireSquare(String what) {
    if (rows() != columns()) {
      throw new IllegalArgumentException(
          "%s needs a square matrix, not [%d, %d]".formatted(what, rows(), columns()));
    }
  }

  /** Returns the shape: "FactoredMatrix[768, 64, 768]" for m, k, n. */
  @Override
  public String toString() {
    return "FactoredMatrix[%d, %d, %d]".formatted(rows(), inner(), columns());
  }
}
