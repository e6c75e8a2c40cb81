package dev.headlamp.engine;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.javacpp.Pointer;

/** The softmax of a number of rows, compiled by oneDNN. Belongs to one thread. */
final class OneDnnSoftmax {

  /** What it is compiled for. */
  record Key(long rows, long width) {}

  private static final int LAST_AXIS = 1;

  private final softmax_forward function;
  private final memory x;
  private final memory result;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnSoftmax(memory.desc rows) {
    try (softmax_forward.desc description =
            new softmax_forward.desc(dnnl.dnnl_forward_inference, rows, LAST_AXIS);
        softmax_forward.primitive_desc primitive =
            new softmax_forward.primitive_desc(description, OneDnn.Library.ENGINE)) {
      this.function = new softmax_forward(primitive);
    }
    this.x = new memory(rows, OneDnn.Library.ENGINE, null);
    this.result = new memory(rows, OneDnn.Library.ENGINE, null);
    arguments.put(dnnl.DNNL_ARG_SRC, x);
    arguments.put(dnnl.DNNL_ARG_DST, result);
  }

  static OneDnnSoftmax of(Key key) {
    try (memory.desc rows =
        new memory.desc(
            new long[] {key.rows(), key.width()}, memory.data_type.f32, memory.format_tag.ab)) {
      return new OneDnnSoftmax(rows);
    }
  }

  /** Writes the softmax of what is at {@code xAt}, possibly over it. */
  void execute(Pointer xAt, Pointer resultAt) {
    x.set_data_handle(xAt);
    result.set_data_handle(resultAt);
    function.execute(OneDnn.Library.STREAM, arguments);
  }
}
