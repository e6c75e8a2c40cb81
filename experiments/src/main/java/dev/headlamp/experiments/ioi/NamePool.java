package dev.headlamp.experiments.ioi;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Names to draw from. */
final class NamePool {

  private final List<String> names;
  private final SplittableRandom random;

  NamePool(List<String> names, SplittableRandom random) {
    this.names = names;
    this.random = random;
  }

  /**
   * Draws a name.
   *
   * @param taken names that it must not be
   * @throws IllegalArgumentException if all names are taken
   */
  String drawExcept(Set<String> taken) {
    if (taken.containsAll(names)) {
      throw new IllegalArgumentException(
          "a name other than %s is needed, and there are only %d names"
              .formatted(taken, names.size()));
    }
    String name = names.get(random.nextInt(names.size()));
    while (taken.contains(name)) {
      name = names.get(random.nextInt(names.size()));
    }
    return name;
  }
}
