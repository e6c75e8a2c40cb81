package dev.headlamp.experiments.ioi;

/** A place in a template where a word goes, and what that word means. */
enum IoiSlot {
  /** The indirect object. */
  IO,
  /** The subject, where it is introduced. */
  S1,
  /** The subject, where it is said again. */
  S2,
  /** Where it happens. */
  PLACE,
  /** What is given. */
  OBJECT;

  /** Returns how the slot is written in a text, such as {@code [S1]}. */
  String mark() {
    return "[" + name() + "]";
  }
}
