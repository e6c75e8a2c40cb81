package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Layout;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.FloatPointer;

/** A weight matrix in the order in which oneDNN reads it. */
final class PackedWeight implements AutoCloseable {

  private static final int ALIGNMENT = 64;

  private final FloatPointer allocated;
  private final FloatPointer values;

  private PackedWeight(FloatPointer allocated, FloatPointer values) {
    this.allocated = allocated;
    this.values = values;
  }

  static PackedWeight of(FloatPointer plain, Layout layout, long in, long out) {
    memory.desc target = OneDnnProduct.packedDesc(in, out);
    long floats = target.get_size() / Float.BYTES;
    FloatPointer allocated = new FloatPointer(floats + (ALIGNMENT / Float.BYTES));
    long beyond = allocated.address() % ALIGNMENT;
    FloatPointer values =
        allocated.getPointer(beyond == 0 ? 0 : (ALIGNMENT - beyond) / Float.BYTES);
    try (memory from =
            new memory(OneDnnProduct.plainDesc(in, out, layout), OneDnn.Library.ENGINE, plain);
        memory to = new memory(target, OneDnn.Library.ENGINE, values);
        reorder copy = new reorder(from, to)) {
      copy.execute(OneDnn.Library.STREAM, from, to);
      OneDnn.Library.STREAM._wait();
    }
    return new PackedWeight(allocated, values);
  }

  FloatPointer values() {
    return values;
  }

  @Override
  public void close() {
    values.close();
    allocated.close();
  }
}
