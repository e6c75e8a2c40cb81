package dev.headlamp.experiments.enumeration;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers as the bytes that files and hashes hold, the same on every machine. */
final class LittleEndian {

  private LittleEndian() {}

  static ByteBuffer of(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes;
  }

  static ByteBuffer of(double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES));
    bytes.order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
    return bytes;
  }

  /** Returns the float32s of a buffer, from its beginning to its limit. */
  static float[] floats(ByteBuffer bytes) {
    float[] values = new float[bytes.limit() / Float.BYTES];
    bytes.rewind().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
