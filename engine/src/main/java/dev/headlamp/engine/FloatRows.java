package dev.headlamp.engine;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of floats in an array's memory, for loops in Java. Safe for many threads. */
final class FloatRows {

  private final FloatBuffer floats;
  private final int stride;
  private final int width;

  private FloatRows(FloatBuffer floats, int stride, int width) {
    this.floats = floats;
    this.stride = stride;
    this.width = width;
  }

  /**
   * Returns the positions of {@code [batch, pos, ..]}, one prompt's behind the other's.
   *
   * @param array whose positions are equally far apart, however far
   */
  static FloatRows of(INDArray array) {
    long positions = array.size(0) * array.size(1);
    return new FloatRows(
        CpuKernels.buffer(array).slice(),
        Math.toIntExact(array.stride(1)),
        Math.toIntExact(array.length() / positions));
  }

  /** Copies a row to the beginning of an array. */
  void get(int row, float[] to) {
    floats.get(row * stride, to, 0, width);
  }

  /** Overwrites a row with the beginning of an array. */
  void put(int row, float[] from) {
    put(row, from, 0);
  }

  /** Overwrites a row with what an array holds from a place on. */
  void put(int row, float[] from, int at) {
    floats.put(row * stride, from, at, width);
  }

  /** Overwrites a row with one of others. */
  void put(int row, FloatRows from, int fromRow) {
    floats.put(row * stride, from.floats, fromRow * from.stride, width);
  }
}
