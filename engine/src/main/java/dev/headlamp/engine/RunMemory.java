package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arrays that one stretch of a run works with. What is allocated here is freed when the stretch
 * ends, except for what was {@linkplain #release released} to somebody who outlives it.
 */
final class RunMemory implements AutoCloseable {

  private final DataType type;
  private final List<INDArray> arrays = new ArrayList<>();

  RunMemory(DataType type) {
    this.type = type;
  }

  DataType type() {
    return type;
  }

  /** Returns a C-ordered array with arbitrary content. */
  INDArray allocate(long... shape) {
    return keep(Nd4j.createUninitialized(type, shape, 'c'));
  }

  /** Takes over an array that somebody else allocated; ND4J frees no view, so not one of those. */
  INDArray keep(INDArray array) {
    arrays.add(array);
    return array;
  }

  /**
   * Returns what {@code array} holds to somebody who outlives this stretch and may write into it:
   * the array itself, which is then no longer freed here, or a copy if it was released before.
   */
  INDArray release(INDArray array) {
    return remove(array) ? array : array.dup('c');
  }

  /** Leaves {@code array} to another stretch, unless it was released: then it is nobody's. */
  INDArray moveTo(RunMemory other, INDArray array) {
    return remove(array) ? other.keep(array) : array;
  }

  private boolean remove(INDArray array) {
    for (int i = arrays.size() - 1; i >= 0; i--) {
      if (arrays.get(i) == array) {
        arrays.remove(i);
        return true;
      }
    }
    return false;
  }

  /** Frees an array before the stretch ends, if it is of this stretch. */
  void free(INDArray array) {
    if (remove(array)) {
      array.close();
    }
  }

  @Override
  public void close() {
    for (INDArray array : arrays) {
      if (!array.wasClosed()) {
        array.close();
      }
    }
    arrays.clear();
  }
}
