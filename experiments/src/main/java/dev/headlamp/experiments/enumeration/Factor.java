package dev.headlamp.experiments.enumeration;

import java.util.Arrays;
import java.util.List;

/** What the prompts of an enumeration differ in, from the slowest in the order of rows on. */
public enum Factor {
  /** The sentence. */
  TEMPLATE("template"),
  /** What {@code [PLACE]} is. */
  PLACE("place"),
  /** What {@code [OBJECT]} is. */
  OBJECT("object"),
  /** The name that stands twice, {@code [B]}. */
  SUBJECT("S"),
  /** The name that stands once and is the answer, {@code [A]}. */
  INDIRECT_OBJECT("IO");

  private final String label;

  Factor(String label) {
    this.label = label;
  }

  /** Returns the factor that {@link #toString} gives this name. */
  static Factor named(String label) {
    return Arrays.stream(values())
        .filter(factor -> factor.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "prompts do not differ in '%s' but in %s".formatted(label, List.of(values()))));
  }

  /**
   * Returns the place among the factors, counted from 0: the outermost of the rows' order first.
   */
  public int place() {
    return List.of(values()).indexOf(this);
  }

  /** Returns the short name: template, place, object, S or IO. */
  @Override
  public String toString() {
    return label;
  }
}
