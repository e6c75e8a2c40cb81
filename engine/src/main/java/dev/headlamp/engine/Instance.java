package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One prompt of one variant, and at which positions it differs from the base run. The first of
 * these may follow the source run: they hold in every block what that run holds there, and are not
 * computed. The others are rows of a pass.
 */
final class Instance {

  private final int variant;
  private final int prompt;
  private final int[] positions;
  private final int followed;

  private Instance(int variant, int prompt, int[] positions, int followed) {
    this.variant = variant;
    this.prompt = prompt;
    this.positions = positions;
    this.followed = followed;
  }

  /**
   * Returns an instance none of whose positions follow the source run.
   *
   * @param variant which variant, counted from 0 among those that are run together
   * @param positions ascending, at least one
   */
  static Instance of(int variant, int prompt, int... positions) {
    return following(0, variant, prompt, positions);
  }

  /**
   * Returns an instance whose first positions follow the source run.
   *
   * @param followed how many, without gaps
   * @param variant which variant, counted from 0 among those that are run together
   * @param positions ascending, at least one, those that follow among them
   */
  static Instance following(int followed, int variant, int prompt, int... positions) {
    return new Instance(variant, prompt, positions, followed);
  }

  /** Returns the same of another variant. */
  Instance of(int otherVariant) {
    return new Instance(otherVariant, prompt, positions, followed);
  }

  /**
   * Returns this with a row at every position from the first that may have one to {@code last},
   * which does not come before it.
   */
  Instance upTo(int last) {
    int rows = last + 1 - first();
    if (rows == count() && position(rows - 1) == last) {
      return this;
    }
    int[] all = Arrays.copyOf(positions, followed + rows);
    Arrays.setAll(all, i -> i < followed ? positions[i] : first() + i - followed);
    return new Instance(variant, prompt, all, followed);
  }

  /** Returns this with rows at some ascending positions only, none of which follows. */
  Instance at(int[] ascending) {
    int[] rows = IntStream.of(ascending).filter(pos -> pos >= first()).toArray();
    return new Instance(variant, prompt, rows, 0);
  }

  int variant() {
    return variant;
  }

  int prompt() {
    return prompt;
  }

  /** Returns the first position that may have a row: the first of all, or behind those followed. */
  int first() {
    return followed == 0 ? positions[0] : positions[followed - 1] + 1;
  }

  /** Returns at how many positions it differs. */
  int differing() {
    return positions.length;
  }

  /** Returns one of the positions at which it differs, by its number among them. */
  int differingAt(int i) {
    return positions[i];
  }

  /** Returns how many of these follow the source run: the first. */
  int followed() {
    return followed;
  }

  /** Returns how many rows there are. */
  int count() {
    return positions.length - followed;
  }

  /** Returns the position of a row by its number among them. */
  int position(int i) {
    return positions[followed + i];
  }

  /** Returns how many rows instances have together. */
  static int count(List<Instance> instances) {
    int count = 0;
    for (Instance instance : instances) {
      count += instance.count();
    }
    return count;
  }
}
