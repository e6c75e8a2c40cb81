package dev.headlamp.hooks.recipe;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.Part;
import java.util.Objects;

/**
 * One intervention.
 *
 * @param point where
 * @param part on which part of it
 * @param action what is done there
 */
public record Step(HookPoint point, Part part, Action action) {

  /**
   * Checks that the action suits the point.
   *
   * @throws IllegalArgumentException if attention is to be cut elsewhere than at attn_scores, or to
   *     no sources; or an array is to be put, or a mean, where there is no position axis
   */
  public Step {
    Objects.requireNonNull(point, "point");
    Objects.requireNonNull(part, "part");
    Objects.requireNonNull(action, "action");
    if (action instanceof Action.KnockOut) {
      requireSources(point, part);
    }
    boolean byPosition =
        action instanceof Action.Mean
            || (action instanceof Action.Replace replace && replace.from() instanceof StoredArray);
    if (byPosition && !point.activation().has(Dim.POS)) {
      throw new IllegalArgumentException(
          "%s has no pos axis to put a mean or a stored array along: it holds %s"
              .formatted(point, point.activation().shapeText()));
    }
  }

  private static void requireSources(HookPoint point, Part part) {
    if (point.activation() != Activation.ATTN_SCORES) {
      throw new IllegalArgumentException(
          "attention is knocked out at attn_scores, not at " + point);
    }
    if (part.sources().isEmpty()) {
      throw new IllegalArgumentException(
          "a knock-out of attention names the sources that are no longer attended to");
    }
  }
}
