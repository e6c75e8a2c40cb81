package dev.headlamp.engine;

import dev.headlamp.engine.ChangedRows.Instance;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of the rows that a block's output is wanted for are changed when they enter it, and which
 * enter it as they were.
 */
final class VariantRows {

  private static final int UNCHANGED = -1;

  private final int[] changed;
  private final int changedRows;

  private VariantRows(int[] changed, int changedRows) {
    this.changed = changed;
    this.changedRows = changedRows;
  }

  /**
   * Compares positions, instance by instance.
   *
   * @param entering the positions changed in front of the block
   * @param reached the positions wanted behind it, of the same instances
   */
  static VariantRows of(List<Instance> entering, List<Instance> reached) {
    int[] changed = new int[reached.stream().mapToInt(r -> r.positions().size()).sum()];
    int row = 0;
    int next = 0;
    for (int i = 0; i < reached.size(); i++) {
      List<Integer> before = entering.get(i).positions();
      int at = 0;
      for (int pos : reached.get(i).positions()) {
        while (at < before.size() && before.get(at) < pos) {
          at++;
        }
        boolean same = at < before.size() && before.get(at) == pos;
        changed[next++] = same ? row + at : UNCHANGED;
      }
      row += before.size();
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
    return IntStream.of(changed).filter(row -> row != UNCHANGED).toArray();
  }

  /** Returns whether the wanted rows are the changed ones, all of them. */
  boolean isUnchangedOrder() {
    return changed.length == changedRows
        && IntStream.range(0, changed.length).allMatch(i -> changed[i] == i);
  }
}
