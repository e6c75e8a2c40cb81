package dev.headlamp.engine.linalg;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Checks and copies of arguments. */
final class Arrays64 {

  private Arrays64() {}

  /** Returns a float64 copy in C order. */
  static INDArray copy(INDArray array) {
    return Nd4j.createUninitializedDetached(DataType.DOUBLE, 'c', array.shape()).assign(array);
  }

  static void requireMatrix(String what, INDArray array) {
    if (array.rank() != 2 || array.length() == 0) {
      throw new IllegalArgumentException(
          "%s must be a matrix, not of shape %s"
              .formatted(what, java.util.Arrays.toString(array.shape())));
    }
  }

  /** LAPACK fails on a NaN, each routine and version in its own way. */
  static void requireFinite(String what, INDArray array) {
    if (!Double.isFinite(array.sumNumber().doubleValue())) {
      throw new IllegalArgumentException(what + " holds a value that is not finite");
    }
  }

  /** Frees an array before the garbage collector does, unless a workspace owns it. */
  static void free(INDArray array) {
    if (array.closeable()) {
      array.close();
    }
  }
}
