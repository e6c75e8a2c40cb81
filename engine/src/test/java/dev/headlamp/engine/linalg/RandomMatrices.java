package dev.headlamp.engine.linalg;

import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The same random matrices in every run. */
final class RandomMatrices {

  private final Random random;

  RandomMatrices(long seed) {
    this.random = new Random(seed);
  }

  /** Returns entries in [-1, 1), {@code [rows, columns]} in float64. */
  INDArray next(int rows, int columns) {
    return Nd4j.createFromArray(random.doubles((long) rows * columns, -1, 1).toArray())
        .reshape(rows, columns);
  }
}
