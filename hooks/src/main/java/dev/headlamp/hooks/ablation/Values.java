package dev.headlamp.hooks.ablation;

import dev.headlamp.hooks.HookContext;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays as plain numbers in C order, and back. */
final class Values {

  private Values() {}

  static double[] of(INDArray array) {
    INDArray copy = array.dup('c');
    double[] values = copy.data().asDouble();
    free(copy);
    return values;
  }

  static INDArray array(double[] values, long[] shape, DataType type) {
    if (type == DataType.DOUBLE) {
      return Nd4j.createFromArray(values).reshape('c', shape);
    }
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    return Nd4j.createFromArray(rounded).reshape('c', shape);
  }

  /** Returns the part of a whole point's values that a hook is to return. */
  static INDArray part(double[] whole, long[] shape, DataType type, HookContext context) {
    INDArray array = array(whole, shape, type);
    INDArray part = context.partOf(array);
    if (part != array) {
      free(array);
    }
    return part;
  }

  /** Frees an array before the garbage collector does, unless a workspace owns it. */
  private static void free(INDArray array) {
    if (array.closeable()) {
      array.close();
    }
  }

  /** Returns how many numbers there are at one position of {@code [batch, pos, ...]}. */
  static int width(INDArray array) {
    return Math.toIntExact(Arrays.stream(array.shape()).skip(2).reduce(1, Math::multiplyExact));
  }

  /** Returns the shape of {@code reference} for the prompts and positions of a run. */
  static long[] shapeFor(HookContext context, INDArray reference) {
    long[] shape = reference.shape().clone();
    shape[0] = context.tokens().batch();
    shape[1] = context.tokens().length();
    return shape;
  }
}
