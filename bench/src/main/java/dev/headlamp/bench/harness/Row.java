package dev.headlamp.bench.harness;

import java.util.Locale;

/**
 * A line of the table.
 *
 * @param item what was measured
 * @param target what it should be; empty if nothing is asked
 * @param measured what it is, with what it was computed from
 * @param value the number that is compared; NaN if there is none
 * @param verdict whether it is what it should be
 */
public record Row(String item, String target, String measured, double value, Verdict verdict) {

  /** What came of a target. */
  public enum Verdict {
    /** Reached. */
    PASS("pass"),
    /** Not reached. */
    MISS("miss"),
    /** Measured by a reference that is not on this machine. */
    NO_REFERENCE("no reference"),
    /** Not measured well enough to be judged. */
    NOT_JUDGED("not judged"),
    /** Nothing is asked. */
    BESIDE("");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    /** Returns the word that the table prints. */
    public String text() {
      return text;
    }
  }

  /** How a ratio is written. */
  public enum Style {
    /** As a percentage. */
    SHARE("%.1f %%", 100),
    /** As a factor. */
    FACTOR("%.2f ×", 1);

    private final String format;
    private final double scale;

    Style(String format, double scale) {
      this.format = format;
      this.scale = scale;
    }

    String text(double ratio) {
      return String.format(Locale.ROOT, format, ratio * scale);
    }
  }

  /** Returns a row that passes if the ratio is at least {@code target}. */
  public static Row atLeast(String item, double target, double ratio, Style style, String how) {
    return of(item, "≥ " + style.text(target), ratio, ratio >= target, style, how);
  }

  /** Returns a row that passes if the ratio is at most {@code target}. */
  public static Row atMost(String item, double target, double ratio, Style style, String how) {
    return of(item, "≤ " + style.text(target), ratio, ratio <= target, style, how);
  }

  private static Row of(
      String item, String target, double ratio, boolean reached, Style style, String how) {
    return new Row(
        item, target, style.text(ratio) + ": " + how, ratio, reached ? Verdict.PASS : Verdict.MISS);
  }

  /** Returns a row that is there to be compared with others. */
  public static Row beside(String item, String measured) {
    return new Row(item, "", measured, Double.NaN, Verdict.BESIDE);
  }

  /** Returns this row as one whose reference is missing on this machine. */
  public Row withoutReference() {
    return new Row(item, target, measured, value, Verdict.NO_REFERENCE);
  }

  /** Returns this row without a judgement of its target. */
  public Row notJudged() {
    return target.isEmpty() ? this : new Row(item, target, measured, value, Verdict.NOT_JUDGED);
  }
}
