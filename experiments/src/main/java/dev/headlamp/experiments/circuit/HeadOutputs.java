package dev.headlamp.experiments.circuit;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the heads of a layer hold as z, {@code [batch, pos, head, d_head]}, as plain numbers. */
final class HeadOutputs {

  private final double[] values;
  private final long[] shape;

  private HeadOutputs(double[] values, long[] shape) {
    this.values = values;
    this.shape = shape;
  }

  /** Returns a copy of an array. */
  static HeadOutputs of(INDArray z) {
    INDArray copy = z.dup('c');
    double[] values = copy.data().asDouble();
    copy.close();
    return new HeadOutputs(values, z.shape());
  }

  /** Copies what one head holds at one position of one prompt. */
  void copyHead(HeadOutputs from, int prompt, int pos, int head) {
    copyHead(from, prompt, pos, pos, head);
  }

  /** Copies what one head holds at {@code fromPos} of a prompt to {@code pos} of the same. */
  void copyHead(HeadOutputs from, int prompt, int fromPos, int pos, int head) {
    System.arraycopy(
        from.values,
        from.index(prompt, fromPos, head),
        values,
        index(prompt, pos, head),
        Math.toIntExact(shape[3]));
  }

  private int index(int prompt, int pos, int head) {
    return Math.toIntExact(((prompt * shape[1] + pos) * shape[2] + head) * shape[3]);
  }

  INDArray toArray(DataType type) {
    if (type == DataType.DOUBLE) {
      return Nd4j.createFromArray(values).reshape('c', shape);
    }
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    return Nd4j.createFromArray(rounded).reshape('c', shape);
  }
}
