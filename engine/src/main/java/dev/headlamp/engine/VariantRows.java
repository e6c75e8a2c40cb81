package dev.headlamp.engine;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of the rows that a block's output is wanted for are changed when they enter it, and which
 * enter it as they were.
 */
final class VariantRows {

  private static final int UNCHANGED = -1;

  private final int[] changed;
  private final boolean same;

  private VariantRows(int[] changed, int changedRows) {
    this.changed = changed;
    boolean inOrder = changed.length == changedRows;
    for (int i = 0; inOrder && i < changed.length; i++) {
      inOrder = changed[i] == i;
    }
    this.same = inOrder;
  }

  /**
   * Compares positions, instance by instance.
   *
   * @param entering the positions changed in front of the block
   * @param reached the positions wanted behind it, of the same instances
   */
  static VariantRows of(List<Instance> entering, List<Instance> reached) {
    int[] changed = new int[Instance.count(reached)];
    int row = 0;
    int next = 0;
    for (int i = 0; i < reached.size(); i++) {
      Instance before = entering.get(i);
      Instance behind = reached.get(i);
      int at = 0;
      for (int j = 0; j < behind.count(); j++) {
        int pos = behind.position(j);
        while (at < before.count() && before.position(at) < pos) {
          at++;
        }
        boolean enters = at < before.count() && before.position(at) == pos;
        changed[next++] = enters ? row + at : UNCHANGED;
      }
      row += before.count();
    }
    return new VariantRows(changed, row);
  }

  /** Returns how many rows are wanted. */
  int count() {
    return changed.length;
  }

  /** Returns the row, among those changed, of a wanted row; -1 if it enters unchanged. */
  int changed(int wanted) {
    return changed[wanted];
  }

  /** Returns the changed rows that are wanted, in order. */
  int[] changedAndReached() {
    return same ? changed : IntStream.of(changed).filter(row -> row != UNCHANGED).toArray();
  }

  /** Returns whether the wanted rows are the changed ones, all of them. */
  boolean areAllChanged() {
    return same;
  }
}
