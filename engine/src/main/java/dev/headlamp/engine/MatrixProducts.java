package dev.headlamp.engine;

import java.util.List;
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
   * How many products {@code [rows, inner] · [inner, columns]} there are.
   *
   * @param few whether they are part of so little work that one core does it best. Ways differ in
   *     the last bit, so what has to be the same to the last bit says the same here
   */
  record Size(long prompts, long heads, long rows, long inner, long columns, boolean few) {}

  /** What becomes of a product while it is still in the processor's registers. */
  enum Fused {
    /** result = x·w + bias. */
    NOTHING,
    /** result = GELU(x·w + bias), in GPT-2's tanh form. */
    GELU_TANH,
    /** result = x·w + bias + added. */
    ADD
  }

  /** Returns whether {@link #linear} can do that. */
  boolean fuses(Fused fused);

  /**
   * result = x·w + bias, and what is fused with it.
   *
   * @param x {@code [rows, in]}, C order whatever its shape
   * @param w {@code [in, out]}, or {@code [out, in]} if transposed
   * @param bias {@code [out]}, or null
   * @param added {@code [rows, out]}, C order whatever its shape, if that is fused; null otherwise
   * @param result {@code [rows, out]}, C order whatever its shape
   */
  void linear(
      INDArray x,
      INDArray w,
      Layout layout,
      @Nullable INDArray bias,
      Fused fused,
      @Nullable INDArray added,
      INDArray result);

  /**
   * Writes the function that {@link Fused#GELU_TANH} fuses, to the last bit, so that looking at a
   * value changes nothing; only where that can be fused.
   */
  void geluTanh(INDArray x, INDArray result);

  /** Returns whether {@link #linearJoined} can multiply by these. */
  default boolean joins(List<INDArray> ws, List<@Nullable INDArray> biases) {
    return false;
  }

  /**
   * Writes the products of x and several matrices side by side, where these can be joined.
   *
   * @param x {@code [rows, in]}, C order whatever its shape
   * @param ws {@code [in, out]} each
   * @param biases {@code [out]} each, or null for all
   * @param result {@code [rows, sum of out]}, C order whatever its shape
   */
  default void linearJoined(
      INDArray x, List<INDArray> ws, List<@Nullable INDArray> biases, INDArray result) {
    throw new UnsupportedOperationException("these weights are not joined");
  }

  /**
   * c = factor · a·b, or factor · a·bᵀ, for every head of every prompt.
   *
   * @param layout whether b is stored {@code [inner, columns]}, or transposed
   */
  void multiplyHeads(
      Size size, float factor, HeadMatrices a, HeadMatrices b, Layout layout, HeadMatrices c);

  /** Frees what was kept for later products. */
  @Override
  void close();
}
