package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Fused;
import dev.headlamp.engine.MatrixProducts.Layout;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** A product of one size, compiled by oneDNN. Belongs to one thread. */
final class OneDnnProduct {

  /** The number of rows for which weights are laid out; the order serves any number. */
  private static final long TYPICAL_ROWS = 16;

  /**
   * What a product is compiled for.
   *
   * @param layout how the weights are stored, if they are not packed
   * @param packed whether they are in oneDNN's own order
   */
  record Size(
      long rows, long in, long out, Layout layout, boolean packed, boolean withBias, Fused fused) {}

  private final matmul product;
  private final memory x;
  private final memory w;
  private final memory bias;
  private final memory added;
  private final memory result;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnProduct(Size size, memory.desc weights) {
    engine cpu = OneDnn.Library.ENGINE;
    memory.desc xDesc = plainDesc(size.rows(), size.in(), Layout.PLAIN);
    memory.desc resultDesc = plainDesc(size.rows(), size.out(), Layout.PLAIN);
    memory.desc biasDesc = plainDesc(1, size.out(), Layout.PLAIN);
    try (primitive_attr attributes = attributes(size.fused(), resultDesc);
        matmul.desc description =
            size.withBias()
                ? new matmul.desc(xDesc, weights, biasDesc, resultDesc)
                : new matmul.desc(xDesc, weights, resultDesc);
        matmul.primitive_desc primitive = new matmul.primitive_desc(description, attributes, cpu)) {
      this.product = new matmul(primitive);
    }
    this.x = new memory(xDesc, cpu, null);
    this.w = new memory(weights, cpu, null);
    this.bias = new memory(biasDesc, cpu, null);
    this.added = new memory(resultDesc, cpu, null);
    this.result = new memory(resultDesc, cpu, null);
    arguments.put(dnnl.DNNL_ARG_SRC, x);
    arguments.put(dnnl.DNNL_ARG_WEIGHTS, w);
    if (size.withBias()) {
      arguments.put(dnnl.DNNL_ARG_BIAS, bias);
    }
    if (size.fused() == Fused.ADD) {
      arguments.put(dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | dnnl.DNNL_ARG_SRC_1, added);
    }
    arguments.put(dnnl.DNNL_ARG_DST, result);
  }

  private static primitive_attr attributes(Fused fused, memory.desc result) {
    primitive_attr attributes = new primitive_attr();
    try (post_ops after = new post_ops()) {
      switch (fused) {
        case NOTHING -> {}
        case GELU_TANH -> after.append_eltwise(1, dnnl.dnnl_eltwise_gelu_tanh, 0, 0);
        case ADD -> after.append_binary(dnnl.dnnl_binary_add, result);
      }
      attributes.set_post_ops(after);
    }
    return attributes;
  }

  static OneDnnProduct of(Size size) {
    memory.desc weights =
        size.packed()
            ? packedDesc(size.in(), size.out())
            : plainDesc(size.in(), size.out(), size.layout());
    return new OneDnnProduct(size, weights);
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
        matmul.desc description = new matmul.desc(x, any, result);
        matmul.primitive_desc primitive =
            new matmul.primitive_desc(description, OneDnn.Library.ENGINE)) {
      return primitive.weights_desc();
    }
  }

  void execute(
      Pointer xAt,
      Pointer wAt,
      @Nullable Pointer biasAt,
      @Nullable Pointer addedAt,
      Pointer resultAt) {
    x.set_data_handle(xAt);
    w.set_data_handle(wAt);
    if (biasAt != null) {
      bias.set_data_handle(biasAt);
    }
    if (addedAt != null) {
      added.set_data_handle(addedAt);
    }
    result.set_data_handle(resultAt);
    product.execute(OneDnn.Library.STREAM, arguments);
  }
}
