package dev.headlamp.hooks.recipe;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Numbers that a recipe carries with it. Immutable, a value, and on the Java heap: nothing to
 * close.
 */
public final class StoredArray implements Source {

  private final DataType type;
  private final List<Long> shape;
  private final double[] values;

  private StoredArray(DataType type, List<Long> shape, double[] values) {
    this.type = type;
    this.shape = shape;
    this.values = values;
  }

  /**
   * Returns a copy of an array.
   *
   * @param array of FLOAT or DOUBLE, of at least one axis; borrowed
   * @throws IllegalArgumentException if it is of another type, empty, or a single number
   */
  public static StoredArray of(INDArray array) {
    if (array.dataType() != DataType.FLOAT && array.dataType() != DataType.DOUBLE) {
      throw new IllegalArgumentException(
          "an intervention takes arrays of FLOAT or DOUBLE, not " + array.dataType());
    }
    if (array.rank() == 0 || array.isEmpty()) {
      throw new IllegalArgumentException(
          "an intervention takes arrays that have axes and values, not "
              + Arrays.toString(array.shape()));
    }
    INDArray copy = array.dup('c');
    double[] values = copy.data().asDouble();
    if (copy.closeable()) {
      copy.close();
    }
    return new StoredArray(array.dataType(), Arrays.stream(array.shape()).boxed().toList(), values);
  }

  /** Returns FLOAT or DOUBLE. */
  public DataType type() {
    return type;
  }

  /** Returns the length of each axis. */
  public List<Long> shape() {
    return shape;
  }

  /** Returns a copy of the numbers in C order. */
  public double[] values() {
    return values.clone();
  }

  /** Returns a new array of this shape, owned by the caller. */
  INDArray toArray(DataType asType) {
    long[] lengths = shape.stream().mapToLong(Long::longValue).toArray();
    INDArray array = Nd4j.createUninitializedDetached(asType, 'c', lengths);
    try (INDArray doubles = Nd4j.createFromArray(values)) {
      return array.assign(lengths.length == 1 ? doubles : doubles.reshape('c', lengths));
    }
  }

  /**
   * Returns these numbers, {@code [batch, pos, ...]}, for the prompts of a run: an axis of length 1
   * serves all prompts, or all positions.
   *
   * @throws IllegalArgumentException if they are for other numbers of prompts or positions
   */
  INDArray laidOut(HookContext context, DataType asType) {
    TokenBatch tokens = context.tokens();
    boolean everyPosition = shape.get(1) == 1;
    if ((shape.get(0) != 1 && shape.get(0) != tokens.batch())
        || (!everyPosition && shape.get(1) != tokens.length())) {
      throw new IllegalArgumentException(
          "the stored array %s cannot stand for %s in a run of %d prompts of %d positions"
              .formatted(shape, context.point(), tokens.batch(), tokens.length()));
    }
    if (!everyPosition && tokens.isPadded()) {
      throw new IllegalArgumentException(
          "a stored array of positions cannot stand for %s of padded prompts"
              .formatted(context.point()));
    }
    int width = values.length / Math.toIntExact(shape.get(0) * shape.get(1));
    int rows = tokens.batch() * tokens.length();
    double[] whole = new double[Math.multiplyExact(rows, width)];
    for (int row = 0; row < rows; row++) {
      int prompt = shape.get(0) == 1 ? 0 : row / tokens.length();
      int pos = everyPosition ? 0 : row % tokens.length();
      int from = Math.toIntExact(prompt * shape.get(1) + pos) * width;
      System.arraycopy(values, from, whole, row * width, width);
    }
    List<Long> wholeShape = new ArrayList<>(shape);
    wholeShape.set(0, (long) tokens.batch());
    wholeShape.set(1, (long) tokens.length());
    return new StoredArray(type, wholeShape, whole).toArray(asType);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StoredArray that
        && type == that.type
        && shape.equals(that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "StoredArray" + shape;
  }
}
