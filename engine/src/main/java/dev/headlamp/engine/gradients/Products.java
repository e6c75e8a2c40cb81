package dev.headlamp.engine.gradients;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The matrix products of the backward pass. Each returns a new C-ordered array. */
final class Products {

  private Products() {}

  /**
   * Returns y·wᵀ: the gradient at x of x·w.
   *
   * @param y {@code [rows, out]}
   * @param w {@code [in, out]}
   * @return {@code [rows, in]}
   */
  static INDArray timesTransposed(INDArray y, INDArray w) {
    INDArray result = create(y, y.size(0), w.size(0));
    // As w·yᵀ into the transposed result it is one BLAS call without a temporary.
    w.mmuli(y.transpose(), result.transpose());
    return result;
  }

  /**
   * Returns for each head and pair of positions the dot product of two rows.
   *
   * @param a {@code [batch, dest, head, d_head]}
   * @param b {@code [batch, src, head, d_head]}
   * @return {@code [batch, head, dest, src]}
   */
  static INDArray dotHeads(INDArray a, INDArray b) {
    INDArray result = create(a, a.size(0), a.size(2), a.size(1), b.size(1));
    Nd4j.matmul(a.permute(0, 2, 1, 3), b.permute(0, 2, 3, 1), result);
    return result;
  }

  /**
   * Returns each head's rows mixed by its pattern.
   *
   * @param pattern {@code [batch, head, to, from]}, any strides
   * @param x {@code [batch, from, head, d_head]}
   * @return {@code [batch, to, head, d_head]}
   */
  static INDArray mixHeads(INDArray pattern, INDArray x) {
    INDArray result = create(x, x.size(0), pattern.size(2), x.size(2), x.size(3));
    try (INDArray byHead = create(x, x.size(0), x.size(2), pattern.size(2), x.size(3))) {
      Nd4j.matmul(pattern, x.permute(0, 2, 1, 3), byHead);
      return result.assign(byHead.permute(0, 2, 1, 3));
    }
  }

  /**
   * Returns y·wᵀ for each head by itself.
   *
   * @param y {@code [batch, pos, head, d_head]}
   * @param w {@code [d_model, head·d_head]}
   * @return {@code [batch·pos, head, d_model]}
   */
  static INDArray throughHeads(INDArray y, INDArray w) {
    long rows = y.size(0) * y.size(1);
    long heads = y.size(2);
    long dHead = y.size(3);
    long dModel = w.size(0);
    INDArray result = create(y, rows, heads, dModel);
    try (INDArray transposed = w.transpose().dup('c');
        INDArray byHead = create(y, heads, rows, dModel)) {
      Nd4j.matmul(
          y.reshape('c', rows, heads, dHead).permute(1, 0, 2),
          transposed.reshape('c', heads, dHead, dModel),
          byHead);
      return result.assign(byHead.permute(1, 0, 2));
    }
  }

  private static INDArray create(INDArray like, long... shape) {
    return Nd4j.createUninitialized(like.dataType(), shape, 'c');
  }
}
