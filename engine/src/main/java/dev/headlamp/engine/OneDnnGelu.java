package dev.headlamp.engine;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/** GPT-2's GELU of a number of floats, compiled by oneDNN. Belongs to one thread. */
final class OneDnnGelu {

  private final eltwise_forward function;
  private final memory x;
  private final memory result;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnGelu(memory.desc floats) {
    try (eltwise_forward.desc description =
            new eltwise_forward.desc(
                dnnl.dnnl_forward_inference, dnnl.dnnl_eltwise_gelu_tanh, floats, 0, 0);
        eltwise_forward.primitive_desc primitive =
            new eltwise_forward.primitive_desc(description, OneDnn.Library.ENGINE)) {
      this.function = new eltwise_forward(primitive);
    }
    this.x = new memory(floats, OneDnn.Library.ENGINE, null);
    this.result = new memory(floats, OneDnn.Library.ENGINE, null);
    arguments.put(dnnl.DNNL_ARG_SRC, x);
    arguments.put(dnnl.DNNL_ARG_DST, result);
  }

  static OneDnnGelu of(long length) {
    try (memory.desc floats =
        new memory.desc(new long[] {length}, memory.data_type.f32, memory.format_tag.a)) {
      return new OneDnnGelu(floats);
    }
  }

  void execute(Pointer xAt, Pointer resultAt) {
    x.set_data_handle(xAt);
    result.set_data_handle(resultAt);
    function.execute(OneDnn.Library.STREAM, arguments);
  }
}
