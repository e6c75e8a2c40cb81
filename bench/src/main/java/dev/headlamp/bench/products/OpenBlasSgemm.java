package dev.headlamp.bench.products;

import org.bytedeco.openblas.global.openblas;

/** A product by the OpenBLAS that nd4j-native brings. */
final class OpenBlasSgemm implements Product {

  private final int rows;
  private final NativeMatrices matrices;

  OpenBlasSgemm(int rows) {
    this.rows = rows;
    this.matrices = NativeMatrices.of(rows);
  }

  @Override
  public void multiply() {
    openblas.cblas_sgemm(
        openblas.CblasRowMajor,
        openblas.CblasNoTrans,
        openblas.CblasNoTrans,
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
