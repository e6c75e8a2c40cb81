package dev.headlamp.experiments.circuit;

import java.util.Arrays;
import java.util.List;

/** What the IOI paper calls heads by what they do (section 3). */
public enum HeadRole {
  /** Attends from END to the names and copies the one attended to: the indirect object. */
  NAME_MOVER("name mover"),
  /** Moves names when the name movers are knocked out, and little before. */
  BACKUP_NAME_MOVER("backup name mover"),
  /** Attends as a name mover does and writes against the name. */
  NEGATIVE_NAME_MOVER("negative name mover"),
  /** Moves from S2 to END what keeps name movers from attending to the subject. */
  S_INHIBITION("S-inhibition"),
  /** Attends from S2 to the token after S1. */
  INDUCTION("induction"),
  /** Attends from S2 to S1. */
  DUPLICATE_TOKEN("duplicate token"),
  /** Attends to the token before: from S1+1 to S1. */
  PREVIOUS_TOKEN("previous token"),
  /** None of these. */
  OTHER("other");

  private final String label;

  HeadRole(String label) {
    this.label = label;
  }

  /**
   * Reads a role as {@link #toString} writes it.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public static HeadRole parse(String text) {
    return Arrays.stream(values())
        .filter(role -> role.label.equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown role '%s': there are %s".formatted(text, List.of(values()))));
  }

  @Override
  public String toString() {
    return label;
  }
}
