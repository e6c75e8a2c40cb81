package dev.headlamp.hooks.lens;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A direction of the residual stream for each prompt, and what is read along it. */
final class Directions {

  private final double[][] byPrompt;

  /** Takes over {@code [batch][d_model]}. */
  Directions(double[][] byPrompt) {
    this.byPrompt = byPrompt;
  }

  /** Returns the dot product of each row of {@code [row, d_model]} with its prompt's direction. */
  double[] along(INDArray rows, CachedRows chosen) {
    double[] values = values(rows);
    return IntStream.range(0, chosen.count())
        .mapToDouble(row -> dot(values, row, byPrompt[chosen.promptOf(row)]))
        .toArray();
  }

  private static double dot(double[] values, int row, double[] direction) {
    double sum = 0;
    for (int i = 0; i < direction.length; i++) {
      sum += values[row * direction.length + i] * direction[i];
    }
    return sum;
  }

  /** Returns the directions as columns, {@code [d_model, batch]}, new and the caller's. */
  INDArray columns(DataType type) {
    INDArray columns =
        Nd4j.createUninitialized(type, new long[] {byPrompt[0].length, byPrompt.length}, 'c');
    for (int prompt = 0; prompt < byPrompt.length; prompt++) {
      for (int i = 0; i < byPrompt[prompt].length; i++) {
        columns.putScalar(i, prompt, byPrompt[prompt][i]);
      }
    }
    return columns;
  }

  /** Returns the entries of an array in C order. */
  static double[] values(INDArray array) {
    try (INDArray copy = array.dup('c')) {
      return copy.data().asDouble();
    }
  }
}
