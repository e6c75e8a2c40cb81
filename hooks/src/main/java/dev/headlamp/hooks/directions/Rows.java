package dev.headlamp.hooks.directions;

import dev.headlamp.hooks.HookContext;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The vectors along the last axis of an array, in double on the Java heap, to be worked on. */
final class Rows {

  private final double[] values;
  private final long[] shape;
  private final DataType type;
  private final int width;

  private Rows(double[] values, long[] shape, DataType type) {
    this.values = values;
    this.shape = shape;
    this.type = type;
    this.width = Math.toIntExact(shape[shape.length - 1]);
  }

  /** Copies an array of any axes; borrowed. */
  @SuppressWarnings("try") // The scope is used by being open.
  static Rows of(INDArray array) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray copy = array.dup('c')) {
      return new Rows(copy.data().asDouble(), array.shape().clone(), array.dataType());
    }
  }

  /**
   * Copies an array whose vectors are {@code width} long.
   *
   * @param reader what reads them, for the message
   * @throws IllegalArgumentException if they are of another length, or not of a floating type
   */
  static Rows of(INDArray array, int width, String reader) {
    if (array.rank() == 0
        || array.isEmpty()
        || array.size(-1) != width
        || !array.dataType().isFPType()) {
      throw new IllegalArgumentException(
          "%s reads vectors of %d entries, not those of an array %s %s"
              .formatted(reader, width, array.dataType(), Arrays.toString(array.shape())));
    }
    return of(array);
  }

  /**
   * Copies what a hook is given.
   *
   * @throws IllegalArgumentException naming the point, if its last axis is not that of a vector of
   *     the model, or has another length
   */
  static Rows at(HookContext context, INDArray value, int width, String reader) {
    CachedVectors.requireVectors(context.point(), value.size(-1), width, reader);
    return of(value);
  }

  int count() {
    return values.length / width;
  }

  /** Returns the dot product of a row and a vector. */
  double along(int row, double[] vector) {
    int start = row * width;
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += values[start + i] * vector[i];
    }
    return sum;
  }

  /** Adds a multiple of a vector to a row. */
  void add(int row, double factor, double[] vector) {
    int start = row * width;
    for (int i = 0; i < width; i++) {
      values[start + i] += factor * vector[i];
    }
  }

  /** Subtracts as many numbers, in C order. */
  void subtract(double[] numbers) {
    Arrays.setAll(values, i -> values[i] - numbers[i]);
  }

  /** Returns the rows as an array of the shape and type they came in, new and the caller's. */
  INDArray toArray() {
    return array(values, type, shape);
  }

  /** Returns the rows as a matrix {@code [row, width]}, new and the caller's. */
  INDArray toMatrix(DataType asType) {
    return array(values, asType, count(), width);
  }

  /**
   * Returns an array of the axes that the rows came in, but for the last, new and the caller's.
   *
   * @param numbers {@code [row, length of the last axis]}
   */
  INDArray withLastAxis(double[] numbers) {
    long[] other = shape.clone();
    other[other.length - 1] = numbers.length / count();
    return array(numbers, type, other);
  }

  @SuppressWarnings("try") // The scope is used by being open.
  private static INDArray array(double[] numbers, DataType type, long... shape) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray array = Nd4j.createUninitialized(type, shape, 'c');
      try (INDArray doubles = Nd4j.createFromArray(numbers)) {
        return array.assign(doubles.reshape('c', shape));
      }
    }
  }
}
