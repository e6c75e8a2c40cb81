package dev.headlamp.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Rows that are used again: a sweep makes as many as it has patches. For one thread. */
final class FreeRows {

  private final Deque<float[]> rows = new ArrayDeque<>();

  /** Returns a row with arbitrary content. */
  float[] take(int width) {
    float[] row = rows.poll();
    return row != null && row.length == width ? row : new float[width];
  }

  /** Takes back rows that nobody reads any more. */
  void giveBack(List<float[]> done) {
    rows.addAll(done);
  }
}
