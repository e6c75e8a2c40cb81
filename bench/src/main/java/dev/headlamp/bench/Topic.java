package dev.headlamp.bench;

import dev.headlamp.bench.harness.Effort;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The parts of the benchmark, in the order in which they run. */
enum Topic {
  /** Plain forward passes as shares of the reference rate. */
  FORWARD,
  /** What hook points cost without hooks. */
  HOOKS,
  /** A run with cache. */
  CACHE,
  /** Generation, a token at a time. */
  GENERATION,
  /** Activation patching sweeps of heads and the residual stream. */
  SWEEPS,
  /** Sweeps of many patches. */
  LARGE_SWEEPS,
  /** Prompts that share prefixes. */
  PREFIXES,
  /** Loading: time and memory. */
  LOADING,
  /** Time against sizes, with a plot. */
  SIZE,
  /** Matrix products by every route. */
  PRODUCTS;

  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the topics of a run that names none. */
  static List<Topic> of(Effort effort) {
    return effort == Effort.STANDARD
        ? List.copyOf(EnumSet.complementOf(EnumSet.of(SIZE, PRODUCTS)))
        : List.of(values());
  }

  static Topic named(String name) {
    return Arrays.stream(values())
        .filter(topic -> topic.text().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no topic \"%s\"; there are %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(Topic::text)
                                .collect(Collectors.joining(", ")))));
  }
}
