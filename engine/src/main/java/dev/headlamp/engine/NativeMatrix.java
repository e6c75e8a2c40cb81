package dev.headlamp.engine;

import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A float32 matrix in the machine's memory: rows of {@code stride} floats. */
final class NativeMatrix {

  private final FloatPointer pointer;
  private final int stride;

  private NativeMatrix(FloatPointer pointer, long stride) {
    this.pointer = pointer;
    this.stride = Math.toIntExact(stride);
  }

  /** Returns the matrix that begins where {@code array} does, with rows {@code stride} apart. */
  static NativeMatrix of(INDArray array, long stride) {
    return new NativeMatrix(new FloatPointer(array.data().addressPointer()), stride);
  }

  /** Moves this matrix to begin {@code offset} floats behind the array's beginning. */
  NativeMatrix at(long offset) {
    pointer.position(offset);
    return this;
  }

  FloatPointer pointer() {
    return pointer;
  }

  int stride() {
    return stride;
  }
}
