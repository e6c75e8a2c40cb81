package dev.headlamp.bench.products;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A product by ND4J: of transposed views, so that the C-ordered result is not copied. */
final class Nd4jProduct implements Product {

  private final INDArray a;
  private final INDArray b;
  private final INDArray c;

  Nd4jProduct(int rows) {
    this.a = Nd4j.create(Product.first(rows), new long[] {rows, Sizes.IN}, 'c');
    this.b = Nd4j.create(Product.second(), new long[] {Sizes.IN, Sizes.OUT}, 'c');
    this.c = Nd4j.create(rows, Sizes.OUT);
  }

  @Override
  public void multiply() {
    b.transpose().mmuli(a.transpose(), c.transpose());
  }

  @Override
  public float get(int row, int column) {
    return c.getFloat(row, column);
  }

  @Override
  public void close() {
    a.close();
    b.close();
    c.close();
  }
}
