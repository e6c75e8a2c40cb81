package dev.headlamp.hooks.heads;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.Positions;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The attention patterns of one layer, on the Java heap. */
final class Patterns {

  private final int heads;
  private final int dests;
  private final int sources;
  private final double[] values;

  private Patterns(INDArray pattern) {
    this.heads = Math.toIntExact(pattern.size(1));
    this.dests = Math.toIntExact(pattern.size(2));
    this.sources = Math.toIntExact(pattern.size(3));
    try (INDArray copy = pattern.dup('c')) {
      this.values = copy.data().asDouble();
    }
  }

  /**
   * Reads the patterns of a layer.
   *
   * @throws IllegalArgumentException if they are not in the cache
   */
  static Patterns of(ActivationCache cache, int layer) {
    return new Patterns(cache.get(HookPoint.of(Activation.PATTERN, layer)));
  }

  /** Refuses a cache that holds the patterns of some positions only. */
  static void requireEveryRow(ActivationCache cache) {
    if (!(cache.positions() instanceof Positions.All)) {
      throw new IllegalArgumentException(
          "whole attention patterns are needed, and this cache was narrowed to some positions");
    }
  }

  /** Returns the attention from one entry of the destination axis to one of the source axis. */
  double value(int prompt, int head, int dest, int source) {
    return values[((prompt * heads + head) * dests + dest) * sources + source];
  }

  int heads() {
    return heads;
  }

  /** Returns the mean of a head's attention from each position to that so far before it. */
  double meanAtDistance(int head, int distance, int firstPos) {
    return IntStream.range(firstPos, dests)
        .mapToDouble(pos -> value(0, head, pos, pos - distance))
        .average()
        .orElseThrow();
  }
}
