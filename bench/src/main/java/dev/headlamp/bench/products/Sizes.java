package dev.headlamp.bench.products;

/** The sizes of the product that rates are measured by: GPT-2 small's q, k and v side by side. */
final class Sizes {

  static final int IN = 768;
  static final int OUT = 2304;

  /** The number of rows at which the reference rate is measured. */
  static final int REFERENCE_ROWS = 512;

  private Sizes() {}

  /** Returns the floating point operations of a product of that many rows. */
  static double flops(int rows) {
    return 2.0 * rows * IN * OUT;
  }
}
