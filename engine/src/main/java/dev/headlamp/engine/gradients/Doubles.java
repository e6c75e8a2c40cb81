package dev.headlamp.engine.gradients;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays as plain numbers in C order, for what is done element by element. */
final class Doubles {

  private Doubles() {}

  static double[] of(INDArray array) {
    try (INDArray copy = array.dup('c')) {
      return copy.data().asDouble();
    }
  }

  /** Returns a new array of the given type and shape. */
  static INDArray array(double[] numbers, DataType type, long... shape) {
    try (INDArray doubles = Nd4j.createFromArray(numbers)) {
      return Nd4j.createUninitialized(type, shape, 'c').assign(doubles.reshape('c', shape));
    }
  }
}
