package dev.headlamp.hooks.paths;

import dev.headlamp.engine.TokenBatch;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Some positions of some prompts, as rows of an array {@code [batch, pos, ..]} seen as {@code
 * [batch·pos, ..]}: each once, in ascending order.
 */
final class Rows {

  private final int[] indices;

  private Rows(int[] indices) {
    this.indices = indices;
  }

  /**
   * Returns the rows of some positions.
   *
   * @param positions {@code [batch][selected]}
   */
  static Rows of(int[][] positions, TokenBatch tokens) {
    return new Rows(
        IntStream.range(0, positions.length)
            .flatMap(
                prompt -> IntStream.of(positions[prompt]).map(p -> prompt * tokens.length() + p))
            .sorted()
            .distinct()
            .toArray());
  }

  /** Returns the rows that are among these and among the others. */
  Rows and(Rows other) {
    return new Rows(Arrays.stream(indices).filter(row -> other.placeOf(row) >= 0).toArray());
  }

  int count() {
    return indices.length;
  }

  boolean isEmpty() {
    return indices.length == 0;
  }

  /** Returns the n-th row. */
  int row(int n) {
    return indices[n];
  }

  /** Returns where a row stands among these; negative if it does not. */
  private int placeOf(int row) {
    return Arrays.binarySearch(indices, row);
  }

  /** Returns where each of these rows stands among others that hold them all. */
  int[] placesIn(Rows others) {
    return Arrays.stream(indices).map(others::placeOf).toArray();
  }

  /**
   * Returns a copy of these rows of an array, owned by the caller.
   *
   * @param whole {@code [batch, pos, ..]}, C order
   * @return {@code [row, ..]}, any number of axes as one: {@code [row, width]}
   */
  INDArray of(INDArray whole) {
    long rows = whole.size(0) * whole.size(1);
    return Nd4j.pullRows(whole.reshape('c', rows, whole.length() / rows), 1, indices, 'c');
  }
}
