package dev.headlamp.hooks.lens;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.report.Axis;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the points of a cached run held at some positions, as matrices: one row for each prompt and
 * position, the positions of a prompt one behind the other.
 */
final class CachedRows {

  private final ActivationCache cache;
  private final int[][] positions;
  private final int[] rows;

  /**
   * Looks up the positions.
   *
   * @throws IllegalArgumentException if one is not in the cache
   */
  CachedRows(ActivationCache cache, Positions wanted) {
    this.cache = cache;
    Positions meant = wanted instanceof Positions.All ? cache.positions() : wanted;
    this.positions = meant.resolve(cache.tokens());
    int held = cache.positions().resolve(cache.tokens())[0].length;
    int[][] entries = cache.entries(wanted);
    this.rows =
        IntStream.range(0, entries.length)
            .flatMap(prompt -> Arrays.stream(entries[prompt]).map(i -> prompt * held + i))
            .toArray();
  }

  int batch() {
    return positions.length;
  }

  /** Returns how many positions there are of each prompt. */
  int perPrompt() {
    return positions[0].length;
  }

  int count() {
    return rows.length;
  }

  /** Returns the prompt that a row belongs to. */
  int promptOf(int row) {
    return row / perPrompt();
  }

  /** Returns the position in the padded batch that a row belongs to. */
  int positionOf(int row) {
    return positions[promptOf(row)][row % perPrompt()];
  }

  /**
   * Returns what a point held at the chosen positions, {@code [row, width]}, all axes behind the
   * position as one; new and the caller's.
   */
  INDArray of(HookPoint point) {
    INDArray held = cache.get(point);
    long width = held.length() / (held.size(0) * held.size(1));
    return Nd4j.pullRows(held.reshape('c', held.size(0) * held.size(1), width), 1, rows);
  }

  Axis promptAxis() {
    return Axis.numbered("prompt", batch());
  }

  /** Returns an axis with the positions' numbers, if they are the same in every prompt. */
  Axis positionAxis() {
    boolean same = Arrays.stream(positions).allMatch(row -> Arrays.equals(row, positions[0]));
    boolean distinct = Arrays.stream(positions[0]).distinct().count() == perPrompt();
    List<String> labels =
        IntStream.range(0, perPrompt())
            .mapToObj(i -> same && distinct ? Integer.toString(positions[0][i]) : "selected " + i)
            .toList();
    return new Axis("position", labels);
  }
}
