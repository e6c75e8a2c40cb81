package dev.headlamp.bench.products;

import org.bytedeco.dnnl.global.dnnl;

/** A product by oneDNN's sgemm. */
final class OneDnnSgemm implements Product {

  private final int rows;
  private final NativeMatrices matrices;

  OneDnnSgemm(int rows) {
    this.rows = rows;
    this.matrices = NativeMatrices.of(rows);
  }

  @Override
  public void multiply() {
    int status =
        dnnl.dnnl_sgemm(
            (byte) 'N',
            (byte) 'N',
            rows,
            Sizes.OUT,
            Sizes.IN,
            1,
            matrices.a(),
            Sizes.IN,
            matrices.b(),
            Sizes.OUT,
            0,
            matrices.c(),
            Sizes.OUT);
    if (status != dnnl.dnnl_success) {
      throw new IllegalStateException("oneDNN refused sgemm with status " + status);
    }
  }

  @Override
  public float get(int row, int column) {
    return matrices.get(row, column);
  }

  @Override
  public void close() {
    matrices.close();
  }
}
