package dev.headlamp.experiments.verify;

/** What came of comparing one figure. */
public sealed interface Finding {

  /** Whether a model keeps to a figure. */
  enum Verdict {
    /** The number is as expected. */
    PASS,
    /** The number is another, or the model cannot be measured at all. */
    MISS,
    /** Nothing was measured. */
    NOT_RUN
  }

  /** Returns which figure this is. */
  String what();

  /** Returns how the figure was met. */
  Verdict verdict();

  /**
   * A number was measured.
   *
   * @param measured the number, in the unit that {@code what} states
   */
  record Measured(String what, Expectation expected, double measured) implements Finding {
    @Override
    public Verdict verdict() {
      return expected.isMetBy(measured) ? Verdict.PASS : Verdict.MISS;
    }
  }

  /**
   * The model cannot be measured: it has no such head, say, or the text is not one token to it.
   *
   * @param reason why, in one line
   */
  record Failed(String what, String reason) implements Finding {
    @Override
    public Verdict verdict() {
      return Verdict.MISS;
    }
  }

  /**
   * The measurement was left out.
   *
   * @param expected what would have been compared with
   * @param reason why, and what it would take
   */
  record NotRun(String what, Expectation expected, String reason) implements Finding {
    @Override
    public Verdict verdict() {
      return Verdict.NOT_RUN;
    }
  }
}
