package dev.headlamp.engine;

/** The keys, or the values, of one query's positions, wherever each of them stands. */
final class RowTable {

  private final float[][] arrays;
  private final int[] starts;

  /** Has room for so many positions. */
  RowTable(int positions) {
    this.arrays = new float[positions][];
    this.starts = new int[positions];
  }

  /** States where the row of a position is. */
  void set(int pos, float[] array, int start) {
    arrays[pos] = array;
    starts[pos] = start;
  }

  /** Returns the array that a position's row is in. */
  float[] array(int pos) {
    return arrays[pos];
  }

  /** Returns where in that array it begins. */
  int start(int pos) {
    return starts[pos];
  }
}
