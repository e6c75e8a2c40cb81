package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Layout;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** A product of one size, compiled by oneDNN: result = x·w + bias. Belongs to one thread. */
final class OneDnnProduct implements AutoCloseable {

  /** The number of rows for which weights are laid out; the order serves any number. */
  private static final long TYPICAL_ROWS = 16;

  private final matmul product;
  private final memory x;
  private final memory w;
  private final @Nullable memory bias;
  private final memory result;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnProduct(long rows, long in, long out, memory.desc weights, boolean withBias) {
    engine engine = OneDnn.Runtime.ENGINE;
    memory.desc xDesc = plainDesc(rows, in, Layout.PLAIN);
    memory.desc resultDesc = plainDesc(rows, out, Layout.PLAIN);
    memory.desc biasDesc = plainDesc(1, out, Layout.PLAIN);
    try (matmul.desc desc =
            withBias
                ? new matmul.desc(xDesc, weights, biasDesc, resultDesc)
                : new matmul.desc(xDesc, weights, resultDesc);
        matmul.primitive_desc primitive = new matmul.primitive_desc(desc, engine)) {
      this.product = new matmul(primitive);
    }
    this.x = new memory(xDesc, engine, null);
    this.w = new memory(weights, engine, null);
    this.bias = withBias ? new memory(biasDesc, engine, null) : null;
    this.result = new memory(resultDesc, engine, null);
    arguments.put(dnnl.DNNL_ARG_SRC, x);
    arguments.put(dnnl.DNNL_ARG_WEIGHTS, w);
    if (bias != null) {
      arguments.put(dnnl.DNNL_ARG_BIAS, bias);
    }
    arguments.put(dnnl.DNNL_ARG_DST, result);
  }

  static OneDnnProduct of(
      long rows, long in, long out, Layout layout, boolean packed, boolean withBias) {
    memory.desc weights = packed ? packedDesc(in, out) : plainDesc(in, out, layout);
    return new OneDnnProduct(rows, in, out, weights, withBias);
  }

  /** Returns the description of a matrix {@code [rows, columns]}, or of one stored transposed. */
  static memory.desc plainDesc(long rows, long columns, Layout layout) {
    long[] strides = layout == Layout.PLAIN ? new long[] {columns, 1} : new long[] {1, rows};
    return new memory.desc(new long[] {rows, columns}, memory.data_type.f32, strides);
  }

  /** Returns the description of a weight matrix in the order that oneDNN likes best. */
  static memory.desc packedDesc(long in, long out) {
    long[] shape = {in, out};
    try (memory.desc any = new memory.desc(shape, memory.data_type.f32, memory.format_tag.any);
        memory.desc x = plainDesc(TYPICAL_ROWS, in, Layout.PLAIN);
        memory.desc result = plainDesc(TYPICAL_ROWS, out, Layout.PLAIN);
        matmul.desc desc = new matmul.desc(x, any, result);
        matmul.primitive_desc primitive = new matmul.primitive_desc(desc, OneDnn.Runtime.ENGINE)) {
      return primitive.weights_desc();
    }
  }

  void execute(Pointer xAt, Pointer wAt, @Nullable Pointer biasAt, Pointer resultAt) {
    x.set_data_handle(xAt);
    w.set_data_handle(wAt);
    if (bias != null && biasAt != null) {
      bias.set_data_handle(biasAt);
    }
    result.set_data_handle(resultAt);
    product.execute(OneDnn.Runtime.STREAM, arguments);
  }

  @Override
  public void close() {
    arguments.close();
    product.close();
    x.close();
    w.close();
    if (bias != null) {
      bias.close();
    }
    result.close();
  }
}
