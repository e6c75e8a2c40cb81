package dev.headlamp.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The memory of a C-ordered array as bytes. Safetensors stores elements as this memory does. */
final class ArrayMemory {

  private final Pointer start;
  private final long bytes;

  private ArrayMemory(INDArray array) {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException("safetensors needs a little-endian machine");
    }
    this.start = array.data().pointer();
    this.bytes = array.length() * array.dataType().width();
  }

  /** Returns a new array in C order, outside any workspace; its elements are not set yet. */
  static INDArray allocate(DataType type, long... shape) {
    return Nd4j.createUninitializedDetached(type, 'c', shape);
  }

  /** Returns the memory of an array made by {@link #allocate} for writing. */
  static ArrayMemory toWrite(INDArray array) {
    Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    return new ArrayMemory(array);
  }

  /** Returns the memory of an array made by {@link #allocate} for reading. */
  static ArrayMemory toRead(INDArray array) {
    Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
    return new ArrayMemory(array);
  }

  long bytes() {
    return bytes;
  }

  /** Returns {@code length} bytes from {@code offset} on, which must lie inside the array. */
  ByteBuffer slice(long offset, int length) {
    if (offset < 0 || length < 0 || offset > bytes - length) {
      throw new IndexOutOfBoundsException(length + " bytes at " + offset + " of " + bytes);
    }
    // A pointer of its own to the slice: a position past 2 GiB gives no buffer.
    return new BytePointer(start)
        .getPointer(offset)
        .limit(length)
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
