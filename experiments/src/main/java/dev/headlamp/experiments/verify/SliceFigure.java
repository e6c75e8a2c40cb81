package dev.headlamp.experiments.verify;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.Slice;
import dev.headlamp.experiments.enumeration.tables.Statistics;
import dev.headlamp.experiments.verify.Expectation.Near;
import java.util.List;
import java.util.Locale;

/**
 * What is published of the IOI prompts of which something is true.
 *
 * @param conditions what is true of them, such as {@code S=Lisa}, {@code IO=Katie}; all prompts if
 *     there are none
 * @param quantity what was measured
 * @param expected what it was
 */
public record SliceFigure(List<String> conditions, Quantity quantity, Near expected) {

  /** What can be said of logit differences. */
  public enum Quantity {
    /** Their mean. */
    MEAN,
    /** Their standard deviation. */
    DEVIATION,
    /** The lowest of them. */
    LOWEST,
    /** The highest of them. */
    HIGHEST;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the list. */
  public SliceFigure {
    conditions = List.copyOf(conditions);
  }

  /** Returns what to call the prompts: {@code S=Lisa, IO=Katie}, or {@code all prompts}. */
  public String prompts() {
    return conditions.isEmpty() ? "all prompts" : String.join(", ", conditions);
  }

  /** Returns the same of rows; NaN if none of these prompts was computed, or the space has none. */
  public double measured(Enumeration rows) {
    return isIn(rows.space()) ? measured(rows, Slice.parse(rows.space(), conditions)) : Double.NaN;
  }

  /** Names that are not single tokens of a model can have been left out of its prompts. */
  private boolean isIn(PromptSpace space) {
    try {
      Slice.parse(space, conditions);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private double measured(Enumeration rows, Slice slice) {
    return switch (quantity) {
      case MEAN -> Statistics.of(rows, slice).mean();
      case DEVIATION -> Statistics.of(rows, slice).deviation();
      case LOWEST -> farthest(rows, slice, -1);
      case HIGHEST -> farthest(rows, slice, 1);
    };
  }

  private static double farthest(Enumeration rows, Slice slice, int sign) {
    double[] farthest = {Double.NaN};
    rows.forEach(
        slice,
        (template, place, object, subject, indirectObject, value) ->
            farthest[0] = sign * value <= sign * farthest[0] ? farthest[0] : value);
    return farthest[0];
  }
}
