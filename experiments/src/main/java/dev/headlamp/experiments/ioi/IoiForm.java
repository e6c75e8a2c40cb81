package dev.headlamp.experiments.ioi;

/**
 * In which order the first clause of a prompt introduces its names, and which one is said again.
 */
public enum IoiForm {
  /** The subject first: "John and Mary ..., John gave". */
  BABA,
  /** The indirect object first: "Mary and John ..., John gave". */
  ABBA;

  /** Returns the form with the first two names exchanged. */
  public IoiForm other() {
    return this == BABA ? ABBA : BABA;
  }
}
