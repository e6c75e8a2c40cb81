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

  /** Takes over an array that somebody else allocated. */
  INDArray keep(INDArray array) {
    arrays.add(array);
    return array;
  }

  /** Returns {@code array}, which is no longer freed at the end of this stretch. */
  INDArray release(INDArray array) {
    for (int i = arrays.size() - 1; i >= 0; i--) {
      if (arrays.get(i) == array) {
        arrays.remove(i);
        break;
      }
    }
    return array;
  }

  /** Frees an array before the stretch ends. */
  void free(INDArray array) {
    int before = arrays.size();
    release(array);
    if (arrays.size() < before) {
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
