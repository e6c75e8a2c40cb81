package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Layout;
import dev.headlamp.engine.MatrixProducts.Size;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/** A product for every head of every prompt, compiled by oneDNN. Belongs to one thread. */
final class OneDnnHeads {

  /** How far apart matrices and rows are. */
  record Strides(long ofPrompt, long ofHead, long ofRow) {
    static Strides of(HeadMatrices matrices) {
      return new Strides(matrices.ofPrompt(), matrices.ofHead(), matrices.ofRow());
    }
  }

  /**
   * What a product is compiled for.
   *
   * @param layout how b is stored
   */
  record Key(Size size, float factor, Layout layout, Strides a, Strides b, Strides c) {}

  private final matmul product;
  private final memory a;
  private final memory b;
  private final memory c;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnHeads(float factor, memory.desc aDesc, memory.desc bDesc, memory.desc cDesc) {
    engine cpu = OneDnn.Library.ENGINE;
    try (primitive_attr attributes = new primitive_attr();
        matmul.desc description = new matmul.desc(aDesc, bDesc, cDesc)) {
      if (factor != 1) {
        attributes.set_output_scales(0, new float[] {factor});
      }
      try (matmul.primitive_desc primitive =
          new matmul.primitive_desc(description, attributes, cpu)) {
        this.product = new matmul(primitive);
      }
    }
    this.a = new memory(aDesc, cpu, null);
    this.b = new memory(bDesc, cpu, null);
    this.c = new memory(cDesc, cpu, null);
    arguments.put(dnnl.DNNL_ARG_SRC, a);
    arguments.put(dnnl.DNNL_ARG_WEIGHTS, b);
    arguments.put(dnnl.DNNL_ARG_DST, c);
  }

  static OneDnnHeads of(Key key) {
    Size size = key.size();
    try (memory.desc a = desc(size, size.rows(), size.inner(), key.a(), Layout.PLAIN);
        memory.desc b = desc(size, size.inner(), size.columns(), key.b(), key.layout());
        memory.desc c = desc(size, size.rows(), size.columns(), key.c(), Layout.PLAIN)) {
      return new OneDnnHeads(key.factor(), a, b, c);
    }
  }

  private static memory.desc desc(
      Size size, long rows, long columns, Strides strides, Layout layout) {
    boolean plain = layout == Layout.PLAIN;
    return new memory.desc(
        new long[] {size.prompts(), size.heads(), rows, columns},
        memory.data_type.f32,
        new long[] {
          strides.ofPrompt(),
          strides.ofHead(),
          plain ? strides.ofRow() : 1,
          plain ? 1 : strides.ofRow()
        });
  }

  void execute(HeadMatrices x, HeadMatrices y, HeadMatrices result) {
    a.set_data_handle(x.pointer(0, 0));
    b.set_data_handle(y.pointer(0, 0));
    c.set_data_handle(result.pointer(0, 0));
    product.execute(OneDnn.Library.STREAM, arguments);
  }
}
