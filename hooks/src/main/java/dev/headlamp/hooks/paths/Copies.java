package dev.headlamp.hooks.paths;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One array several times over. */
final class Copies {

  private Copies() {}

  /** Returns copies of an array along a new first axis, in C order, owned by the caller. */
  static INDArray of(INDArray array, int times) {
    long[] shape = new long[array.rank() + 1];
    shape[0] = times;
    System.arraycopy(array.shape(), 0, shape, 1, array.rank());
    INDArray copies = Nd4j.createUninitialized(array.dataType(), shape, 'c');
    for (int i = 0; i < times; i++) {
      copies.slice(i).assign(array);
    }
    return copies;
  }
}
