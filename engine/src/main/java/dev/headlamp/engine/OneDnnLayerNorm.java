package dev.headlamp.engine;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/** The layer norm of a number of rows, compiled by oneDNN. Belongs to one thread. */
final class OneDnnLayerNorm {

  /** What it is compiled for. */
  record Key(long rows, long width, double epsilon) {}

  private final layer_normalization_forward function;
  private final memory x;
  private final memory gain;
  private final memory bias;
  private final memory result;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnLayerNorm(float epsilon, memory.desc rows, memory.desc row) {
    try (layer_normalization_forward.desc description =
            new layer_normalization_forward.desc(
                dnnl.dnnl_forward_inference,
                rows,
                epsilon,
                dnnl.dnnl_use_scale | dnnl.dnnl_use_shift);
        layer_normalization_forward.primitive_desc primitive =
            new layer_normalization_forward.primitive_desc(description, OneDnn.Library.ENGINE)) {
      this.function = new layer_normalization_forward(primitive);
    }
    this.x = new memory(rows, OneDnn.Library.ENGINE, null);
    this.gain = new memory(row, OneDnn.Library.ENGINE, null);
    this.bias = new memory(row, OneDnn.Library.ENGINE, null);
    this.result = new memory(rows, OneDnn.Library.ENGINE, null);
    arguments.put(dnnl.DNNL_ARG_SRC, x);
    arguments.put(dnnl.DNNL_ARG_SCALE, gain);
    arguments.put(dnnl.DNNL_ARG_SHIFT, bias);
    arguments.put(dnnl.DNNL_ARG_DST, result);
  }

  static OneDnnLayerNorm of(Key key) {
    try (memory.desc rows =
            new memory.desc(
                new long[] {key.rows(), key.width()}, memory.data_type.f32, memory.format_tag.ab);
        memory.desc row =
            new memory.desc(new long[] {key.width()}, memory.data_type.f32, memory.format_tag.a)) {
      return new OneDnnLayerNorm((float) key.epsilon(), rows, row);
    }
  }

  void execute(Pointer xAt, Pointer gainAt, Pointer biasAt, Pointer resultAt) {
    x.set_data_handle(xAt);
    gain.set_data_handle(gainAt);
    bias.set_data_handle(biasAt);
    result.set_data_handle(resultAt);
    function.execute(OneDnn.Library.STREAM, arguments);
  }
}
