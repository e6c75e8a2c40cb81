package dev.headlamp.weights;

import java.util.List;

/**
 * What a file says about one of its tensors.
 *
 * @param name the tensor's name, unique in its file
 * @param dtype the element type as the file spells it, such as {@code F32}; it may be one that this
 *     library cannot read
 * @param shape the length of each axis, outermost first; empty for a scalar
 * @param begin where the tensor's bytes begin, counted from the end of the file's header
 * @param end where they end, exclusive
 */
public record TensorInfo(String name, String dtype, List<Long> shape, long begin, long end) {

  /** Copies the shape. */
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Returns the number of elements: 1 for a scalar, 0 if any axis has length 0. */
  public long elements() {
    return product(shape);
  }

  /** Returns the number of bytes that the tensor takes in the file. */
  public long bytes() {
    return end - begin;
  }

  /** Returns the shape as ND4J takes it; the array is the caller's. */
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Multiplies from the first axis on, as the format's reference implementation does.
   *
   * @throws ArithmeticException if a product on the way exceeds a {@code long}
   */
  static long product(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
