package dev.headlamp.bench.products;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

/** A product by oneDNN's matmul with the second factor in the order that it likes best. */
final class OneDnnPacked implements Product {

  private final engine cpu = new engine(engine.kind.cpu, 0);
  private final stream queue = new stream(cpu);
  private final NativeMatrices matrices;
  private final matmul product;
  private final IntMemoryMap arguments = new IntMemoryMap();

  OneDnnPacked(int rows) {
    this.matrices = NativeMatrices.of(rows);
    memory.desc a = plain(rows, Sizes.IN);
    memory.desc b = plain(Sizes.IN, Sizes.OUT);
    memory.desc c = plain(rows, Sizes.OUT);
    memory.desc any =
        new memory.desc(
            new long[] {Sizes.IN, Sizes.OUT}, memory.data_type.f32, memory.format_tag.any);
    matmul.primitive_desc primitive = new matmul.primitive_desc(new matmul.desc(a, any, c), cpu);
    this.product = new matmul(primitive);
    memory stored = new memory(b, cpu, matrices.b());
    memory packed = new memory(primitive.weights_desc(), cpu);
    new reorder(stored, packed).execute(queue, stored, packed);
    queue._wait();
    arguments.put(dnnl.DNNL_ARG_SRC, new memory(a, cpu, matrices.a()));
    arguments.put(dnnl.DNNL_ARG_WEIGHTS, packed);
    arguments.put(dnnl.DNNL_ARG_DST, new memory(c, cpu, matrices.c()));
  }

  private static memory.desc plain(long rows, long columns) {
    return new memory.desc(
        new long[] {rows, columns}, memory.data_type.f32, new long[] {columns, 1});
  }

  @Override
  public void multiply() {
    product.execute(queue, arguments);
    queue._wait();
  }

  @Override
  public float get(int row, int column) {
    return matrices.get(row, column);
  }

  @Override
  public void close() {
    arguments.close();
    product.close();
    matrices.close();
  }
}
