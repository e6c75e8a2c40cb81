package dev.headlamp.engine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastSubOp;
import org.nd4j.linalg.factory.Nd4j;

/** The arithmetic of weight processing, on float64 matrices {@code [rows, columns]}. */
final class Float64 {

  private Float64() {}

  /** Returns a copy of {@code array} in C order, rounded or widened to {@code type}. */
  static INDArray copy(INDArray array, DataType type) {
    return Nd4j.createUninitializedDetached(type, 'c', array.shape()).assign(array);
  }

  /** Returns the product of a matrix and a vector {@code [columns]}: {@code [rows]}, new. */
  static INDArray times(INDArray w, INDArray vector) {
    return w.mmul(vector.reshape(vector.length(), 1)).reshape(w.size(0));
  }

  /** Returns a new matrix: row i of {@code w} times {@code factors[i]}. */
  static INDArray scaleRows(INDArray w, INDArray factors) {
    return Nd4j.exec(new BroadcastMulOp(w, factors, like(w), 0));
  }

  /** Returns a new matrix: column j of {@code w} times {@code factors[j]}. */
  static INDArray scaleColumns(INDArray w, INDArray factors) {
    return Nd4j.exec(new BroadcastMulOp(w, factors, like(w), 1));
  }

  /** Subtracts its mean from every row of {@code w}, in place. */
  static INDArray subtractRowMeans(INDArray w) {
    try (INDArray means = w.mean(1)) {
      return Nd4j.exec(new BroadcastSubOp(w, means, w, 0));
    }
  }

  /** Subtracts its mean from every column of {@code w}, in place. */
  static INDArray subtractColumnMeans(INDArray w) {
    try (INDArray means = w.mean(0)) {
      return Nd4j.exec(new BroadcastSubOp(w, means, w, 1));
    }
  }

  private static INDArray like(INDArray w) {
    return Nd4j.createUninitialized(w.dataType(), w.shape(), 'c');
  }
}
