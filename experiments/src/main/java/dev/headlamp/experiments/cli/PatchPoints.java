package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.PatchSweep;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The sweeps that {@code --points} names: by head where there are heads, else by position. */
final class PatchPoints {

  private PatchPoints() {}

  /**
   * Returns the sweeps of these activations, each once.
   *
   * @param names such as {@code z} and {@code resid_pre}, or {@code ln1.hook_scale} where the short
   *     name is not enough
   * @throws InputException if there is no such activation in a block
   */
  static List<PatchSweep> sweeps(List<String> names) {
    return names.stream().map(PatchPoints::activation).distinct().map(PatchPoints::sweep).toList();
  }

  private static PatchSweep sweep(Activation activation) {
    return PatchSweep.of(
        activation, PatchAxis.LAYER, activation.has(Dim.HEAD) ? PatchAxis.HEAD : PatchAxis.POS);
  }

  private static Activation activation(String name) {
    List<Activation> named = named(name);
    if (named.size() == 1) {
      return named.get(0);
    }
    String withoutLayer = name.replaceFirst("\\d+$", "");
    if (named.isEmpty() && !named(withoutLayer).isEmpty()) {
      throw new InputException(
          "--points: '%s' names a layer, and every layer is patched: use %s"
              .formatted(name, withoutLayer));
    }
    List<Activation> candidates = named.isEmpty() ? inBlocks() : named;
    throw new InputException(
        "--points: %s '%s'; choose from %s"
            .formatted(
                named.isEmpty() ? "no point" : "more than one point",
                name,
                candidates.stream()
                    .map(a -> named.isEmpty() ? uniqueName(a) : nameInBlock(a))
                    .collect(Collectors.joining(", "))));
  }

  private static List<Activation> named(String name) {
    return inBlocks().stream()
        .filter(a -> a.shortName().equals(name) || nameInBlock(a).equals(name))
        .toList();
  }

  private static String uniqueName(Activation activation) {
    boolean unique =
        inBlocks().stream().filter(a -> a.shortName().equals(activation.shortName())).count() == 1;
    return unique ? activation.shortName() : nameInBlock(activation);
  }

  private static List<Activation> inBlocks() {
    return Arrays.stream(Activation.values()).filter(Activation::perLayer).toList();
  }

  private static String nameInBlock(Activation activation) {
    return activation.nameTemplate().substring("blocks.{l}.".length());
  }
}
