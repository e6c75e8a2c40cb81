package dev.headlamp.experiments.ioi;

/** A position of a prompt by what stands there. */
public enum IoiPosition {
  /** The token before the indirect object. */
  IO_MINUS_1("IO-1"),
  /** The indirect object. */
  IO("IO"),
  /** The token after the indirect object. */
  IO_PLUS_1("IO+1"),
  /** The token before the subject, where it is introduced. */
  S1_MINUS_1("S1-1"),
  /** The subject, where it is introduced. */
  S1("S1"),
  /** The token after the subject, where it is introduced. */
  S1_PLUS_1("S1+1"),
  /** The last token of punctuation before S2, which ends the first clause. */
  PUNCTUATION("punctuation"),
  /** The subject, where it is said again. */
  S2("S2"),
  /** The last token. */
  END("END");

  private final String label;

  IoiPosition(String label) {
    this.label = label;
  }

  /** Returns what the field calls it, such as {@code S1+1}. */
  public String label() {
    return label;
  }
}
