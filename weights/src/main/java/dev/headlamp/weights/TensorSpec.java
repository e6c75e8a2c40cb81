package dev.headlamp.weights;

import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A tensor that is going to be written.
 *
 * @param name its name in the file
 * @param type its element type: FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT64, INT32, INT16, INT8, UINT8
 *     or BOOL
 * @param shape the length of each axis, outermost first; empty for a scalar
 */
public record TensorSpec(String name, DataType type, List<Long> shape) {

  /**
   * Copies the shape.
   *
   * @throws IllegalArgumentException if safetensors has no such type, or an axis is negative
   */
  public TensorSpec {
    Objects.requireNonNull(name, "name");
    shape = List.copyOf(shape);
    if (Dtype.of(type).isEmpty()) {
      throw new IllegalArgumentException(
          "tensor " + name + ": " + type + " cannot be written to safetensors");
    }
    if (shape.stream().anyMatch(length -> length < 0)) {
      throw new IllegalArgumentException("tensor " + name + ": negative axis in shape " + shape);
    }
  }

  /** Returns what it takes to write {@code array} under {@code name}. */
  public static TensorSpec of(String name, INDArray array) {
    return new TensorSpec(name, array.dataType(), LongStream.of(array.shape()).boxed().toList());
  }

  /** Returns the format's name for the type. */
  Dtype dtype() {
    return Dtype.of(type).orElseThrow();
  }
}
