package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** One prompt of one variant, and at which positions it differs from the base run. */
final class Instance {

  private final int variant;
  private final int prompt;
  private final int[] positions;

  private Instance(int variant, int prompt, int[] positions) {
    this.variant = variant;
    this.prompt = prompt;
    this.positions = positions;
  }

  /**
   * Returns an instance.
   *
   * @param variant which variant, counted from 0 among those that are run together
   * @param positions ascending, at least one
   */
  static Instance of(int variant, int prompt, int... positions) {
    return new Instance(variant, prompt, positions);
  }

  /** Returns the same of another variant. */
  Instance of(int otherVariant) {
    return new Instance(otherVariant, prompt, positions);
  }

  /** Returns this from its first position to {@code last}, without gaps. */
  Instance upTo(int last) {
    int count = last + 1 - first();
    return count == positions.length && positions[count - 1] == last
        ? this
        : new Instance(variant, prompt, IntStream.rangeClosed(first(), last).toArray());
  }

  /** Returns this at those of some ascending positions that do not come before its first. */
  Instance at(int[] ascending) {
    int from = 0;
    while (from < ascending.length && ascending[from] < first()) {
      from++;
    }
    return new Instance(variant, prompt, Arrays.copyOfRange(ascending, from, ascending.length));
  }

  int variant() {
    return variant;
  }

  int prompt() {
    return prompt;
  }

  int first() {
    return positions[0];
  }

  /** Returns how many positions there are. */
  int count() {
    return positions.length;
  }

  /** Returns a position by its number among them. */
  int position(int i) {
    return positions[i];
  }

  /** Returns how many positions instances have together. */
  static int count(List<Instance> instances) {
    int count = 0;
    for (Instance instance : instances) {
      count += instance.count();
    }
    return count;
  }
}
