package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.CacheSpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The points that {@code --points} of {@code cache} names. */
final class CachePoints {

  private CachePoints() {}

  /**
   * Returns the points of all names together.
   *
   * @param names {@code all}; {@code default}; an activation in every layer, such as {@code z}; or
   *     one point, such as {@code blocks.3.attn.hook_z} or {@code z3}
   * @throws InputException if there is no such point
   */
  static CacheSpec of(List<String> names, Gpt2Config config) {
    Set<HookPoint> points = new HashSet<>();
    for (String name : names) {
      HookPoint.all(config).stream().filter(point -> names(name, point)).forEach(points::add);
      if (!isKind(name)) {
        points.add(InputException.blaming(() -> HookPoint.parse(name, config)));
      }
    }
    return CacheSpec.of(points::contains);
  }

  private static boolean names(String name, HookPoint point) {
    return switch (name) {
      case "all" -> true;
      case "default" -> point.activation().cachedByDefault();
      default -> point.activation().shortName().equals(name);
    };
  }

  private static boolean isKind(String name) {
    return name.equals("all")
        || name.equals("default")
        || Arrays.stream(Activation.values()).anyMatch(a -> a.shortName().equals(name));
  }
}
