package dev.headlamp.hooks;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads what the reference files hold, and arrays as plain numbers. */
public final class References {

  private References() {}

  /** Returns the token ids stored as {@code [batch, pos]}. */
  public static TokenBatch tokens(SafetensorsFile file, String name) throws IOException {
    return TokenBatch.of(rows(file, name));
  }

  public static int[][] rows(SafetensorsFile file, String name) throws IOException {
    int width = Math.toIntExact(file.info(name).shape().get(1));
    long[] values = file.readLongs(name);
    int[][] rows = new int[values.length / width][width];
    for (int i = 0; i < values.length; i++) {
      rows[i / width][i % width] = Math.toIntExact(values[i]);
    }
    return rows;
  }

  /** Returns one column of a table of answers. */
  public static int[] column(int[][] rows, int column) {
    int[] values = new int[rows.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows[i][column];
    }
    return values;
  }

  public static double[] doubles(SafetensorsFile file, String name) throws IOException {
    return values(file.read(name));
  }

  /** Returns the values of an array in C order. */
  public static double[] values(INDArray array) {
    return array.dup('c').data().asDouble();
  }

  /** Returns the largest absolute difference; equal infinities differ by nothing. */
  public static double largestDifference(double[] expected, double[] actual) {
    if (expected.length != actual.length) {
      throw new AssertionError(actual.length + " values instead of " + expected.length);
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != actual[i]) {
        double apart = Math.abs(expected[i] - actual[i]);
        largest = Math.max(largest, Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart);
      }
    }
    return largest;
  }
}
