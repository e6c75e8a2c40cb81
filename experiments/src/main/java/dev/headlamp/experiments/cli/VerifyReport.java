package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.verify.Expectation;
import dev.headlamp.experiments.verify.Finding;
import dev.headlamp.experiments.verify.Finding.Verdict;
import dev.headlamp.hooks.HookedGpt2;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Shows what came of checking a model, line by line while it is checked. */
final class VerifyReport {

  private static final MathContext SHOWN = new MathContext(6);

  private final Terminal terminal;
  private String source = "";

  VerifyReport(Terminal terminal) {
    this.terminal = terminal;
  }

  /** A finding and where the expected figure comes from. */
  record Row(String source, Finding finding) {}

  void begin(HookedGpt2 model, String name, boolean nothingPublished) {
    ModelFacts.of(model)
        .forEach((fact, value) -> terminal.out().println("%-19s".formatted(fact) + value));
    if (nothingPublished) {
      terminal.out().println("No figures are known that were published of " + name + ".");
    }
  }

  /** Shows a finding, under its source. */
  Row show(String from, Finding finding) {
    if (!from.equals(source)) {
      source = from;
      terminal.out().println();
      terminal.out().println(terminal.bold("Expected by " + from));
    }
    String verdict = "%-8s".formatted(label(finding.verdict()));
    boolean standsOut = finding.verdict() == Verdict.MISS;
    terminal.out().println((standsOut ? terminal.marked(verdict) : verdict) + " " + finding.what());
    terminal.out().println(terminal.faint(" ".repeat(9) + comparison(finding)));
    terminal.out().flush();
    return new Row(from, finding);
  }

  void end(List<Row> rows) {
    terminal.out().println();
    terminal
        .out()
        .println(
            "%d pass, %d miss, %d not run"
                .formatted(
                    count(rows, Verdict.PASS),
                    count(rows, Verdict.MISS),
                    count(rows, Verdict.NOT_RUN)));
  }

  private static long count(List<Row> rows, Verdict verdict) {
    return rows.stream().filter(row -> row.finding().verdict() == verdict).count();
  }

  /** Returns what was expected and what was measured. */
  static String comparison(Finding finding) {
    if (finding instanceof Finding.Measured measured) {
      return "expected %s, measured %s"
          .formatted(text(measured.expected()), digits(measured.measured()));
    }
    if (finding instanceof Finding.NotRun notRun) {
      return "expected %s, %s".formatted(text(notRun.expected()), notRun.reason());
    }
    return ((Finding.Failed) finding).reason();
  }

  private static String text(Expectation expected) {
    if (expected instanceof Expectation.Near near) {
      return near.tolerance() == 0
          ? digits(near.value())
          : digits(near.value()) + " ± " + digits(near.tolerance());
    }
    if (expected instanceof Expectation.AtMost most) {
      return "at most " + digits(most.limit());
    }
    return ((Expectation.Sign) expected).positive() ? "above 0" : "below 0";
  }

  /** Returns a number in as many digits as tell something; a whole one in all of its own. */
  private static String digits(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (value != 0 && Math.abs(value) < 1e-4) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    BigDecimal exact = BigDecimal.valueOf(value);
    boolean whole = value == Math.rint(value);
    return (whole ? exact : exact.round(SHOWN)).stripTrailingZeros().toPlainString();
  }

  static String label(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Returns everything for another program. */
  static JsonDocument document(HookedGpt2 model, List<Row> rows) {
    return new JsonDocument()
        .with("facts", ModelFacts.of(model))
        .with("checks", rows.stream().map(VerifyReport::fields).toList());
  }

  private static Map<String, Object> fields(Row row) {
    Finding finding = row.finding();
    JsonDocument fields =
        new JsonDocument()
            .with("check", finding.what())
            .with("source", row.source())
            .with("verdict", label(finding.verdict()));
    if (finding instanceof Finding.Measured measured) {
      withExpected(fields, measured.expected()).with("measured", measured.measured());
    } else if (finding instanceof Finding.NotRun notRun) {
      withExpected(fields, notRun.expected()).with("reason", notRun.reason());
    } else {
      fields.with("reason", ((Finding.Failed) finding).reason());
    }
    return fields.fields();
  }

  private static JsonDocument withExpected(JsonDocument fields, Expectation expected) {
    if (expected instanceof Expectation.Near near) {
      return fields.with("expected", near.value()).with("tolerance", near.tolerance());
    }
    if (expected instanceof Expectation.AtMost most) {
      return fields.with("at_most", most.limit());
    }
    return fields.with("sign", ((Expectation.Sign) expected).positive() ? 1 : -1);
  }
}
