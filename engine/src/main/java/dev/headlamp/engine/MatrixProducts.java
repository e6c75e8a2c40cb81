package dev.headlamp.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products of float32 matrices in the machine's memory: what nearly all time of a run goes into.
 */
interface MatrixProducts extends AutoCloseable {

  /** Whether the second factor of a product is stored as it is multiplied, or transposed. */
  enum Layout {
    /** {@code [in, out]}. */
    PLAIN,
    /** {@code [out, in]}. */
    TRANSPOSED
  }

  /**
   * result = x·w + bias.
   *
   * @param x {@code [rows, in]}, C order whatever its shape
   * @param w {@code [in, out]}, or {@code [out, in]} if transposed
   * @param bias {@code [out]}, or null
   * @param result {@code [rows, out]}, C order whatever its shape
   */
  void linear(INDArray x, INDArray w, Layout layout, @Nullable INDArray bias, INDArray result);

  /** c = factor · a · b + keep · c, of sizes [rows, inner] · [inner, columns]. */
  void multiply(
      int rows,
      int columns,
      int inner,
      float factor,
      NativeMatrix a,
      NativeMatrix b,
      float keep,
      NativeMatrix c);

  /** c = factor · a · bᵀ + keep · c, of sizes [rows, inner] · [columns, inner]ᵀ. */
  void multiplyTransposed(
      int rows,
      int columns,
      int inner,
      float factor,
      NativeMatrix a,
      NativeMatrix b,
      float keep,
      NativeMatrix c);

  /** Frees what was kept for later products. */
  @Override
  void close();
}
