package dev.headlamp.bench.products;

import java.util.SplittableRandom;

/** A product of two matrices of its own, to be computed again and again. */
interface Product extends AutoCloseable {

  /** Computes it. */
  void multiply();

  /** Returns an element of the result, {@code [rows, 2304]}. */
  float get(int row, int column);

  /** Frees the matrices. */
  @Override
  void close();

  /** Returns the first factor, {@code [rows, 768]}. */
  static float[] first(int rows) {
    return random(rows * Sizes.IN, 1);
  }

  /** Returns the second factor, {@code [768, 2304]}. */
  static float[] second() {
    return random(Sizes.IN * Sizes.OUT, 2);
  }

  private static float[] random(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }
}
