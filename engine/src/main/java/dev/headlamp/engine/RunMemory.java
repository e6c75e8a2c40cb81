package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arrays that one stretch of a run works with: the whole run, or one block of it. What is
 * allocated here goes back to the pool when the stretch ends, unless it was released to somebody
 * who outlives it, or lent to a hook.
 */
final class RunMemory implements AutoCloseable {

  private final ArraySource pool;
  private final List<INDArray> pooled = new ArrayList<>();
  private final List<INDArray> foreign = new ArrayList<>();
  private final List<INDArray> lent = new ArrayList<>();

  RunMemory(ArraySource pool) {
    this.pool = pool;
  }

  /** Returns the memory of a stretch within this one. */
  RunMemory stretch() {
    return new RunMemory(pool);
  }

  DataType type() {
    return pool.type();
  }

  /** Returns a C-ordered array with arbitrary content. */
  INDArray allocate(long... shape) {
    return keepPooled(pool.take(shape));
  }

  /**
   * Takes over an array that ND4J allocated; it is freed at the end of this stretch. Not a view:
   * ND4J does not free those.
   */
  INDArray keep(INDArray array) {
    foreign.add(array);
    return array;
  }

  /**
   * Returns what {@code array} holds to somebody who outlives this stretch and may write into it:
   * the array itself, which is the caller's from now on, or a copy if it was lent before.
   */
  INDArray release(INDArray array) {
    return (remove(pooled, array) || remove(foreign, array)) ? array : pool.copy(array);
  }

  /**
   * Returns what {@code array} holds to somebody who may keep it for longer: the array itself, or a
   * copy if it was lent before. It is left to whom it was lent, and to the garbage collector, which
   * must not have it before the stretch ends, because native code reads its memory.
   */
  INDArray lend(INDArray array) {
    INDArray own = release(array);
    lent.add(own);
    return own;
  }

  /** Returns what {@code array} holds to be written into: a copy if somebody else has it. */
  INDArray writable(INDArray array) {
    return holds(lent, array) ? keepPooled(pool.copy(array)) : array;
  }

  /** Hands an array, and what is to become of it, over to another stretch. */
  INDArray moveTo(RunMemory other, INDArray array) {
    if (remove(pooled, array)) {
      other.pooled.add(array);
    } else if (remove(foreign, array)) {
      other.foreign.add(array);
    } else {
      other.lent.add(array);
    }
    return array;
  }

  /** Ends the use of an array before the stretch ends. */
  void free(INDArray array) {
    if (remove(pooled, array)) {
      pool.giveBack(array);
    } else if (remove(foreign, array)) {
      array.close();
    }
  }

  private INDArray keepPooled(INDArray array) {
    pooled.add(array);
    return array;
  }

  private static boolean holds(List<INDArray> arrays, INDArray array) {
    return arrays.stream().anyMatch(held -> held == array);
  }

  /** Removes by identity, looking at the latest first. */
  private static boolean remove(List<INDArray> arrays, INDArray array) {
    for (int i = arrays.size() - 1; i >= 0; i--) {
      if (arrays.get(i) == array) {
        arrays.remove(i);
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    pooled.forEach(pool::giveBack);
    pooled.clear();
    for (INDArray array : foreign) {
      if (!array.wasClosed()) {
        array.close();
      }
    }
    foreign.clear();
    lent.clear();
  }
}
