package dev.headlamp.bench.products;

import org.bytedeco.javacpp.FloatPointer;

/** The three matrices of a product in the machine's memory. */
record NativeMatrices(FloatPointer a, FloatPointer b, FloatPointer c) implements AutoCloseable {

  static NativeMatrices of(int rows) {
    return new NativeMatrices(
        new FloatPointer(Product.first(rows)),
        new FloatPointer(Product.second()),
        new FloatPointer((long) rows * Sizes.OUT));
  }

  float get(int row, int column) {
    return c.get((long) row * Sizes.OUT + column);
  }

  @Override
  public void close() {
    a.close();
    b.close();
    c.close();
  }
}
