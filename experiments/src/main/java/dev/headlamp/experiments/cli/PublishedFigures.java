package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.verify.Finding;
import dev.headlamp.experiments.verify.PublishedChecks;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.ReportSection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What others published of the loaded model, beside what is measured here. */
final class PublishedFigures {

  private static final String HEADING = "Published figures beside ours";

  private PublishedFigures() {}

  /**
   * Measures what was published and returns it as a part of a report, which says so if there is
   * nothing.
   *
   * @param choice the figures that belong to the experiment
   */
  static ReportSection section(HookedGpt2 model, UnaryOperator<PublishedChecks> choice) {
    PublishedChecks checks = choice.apply(PublishedChecks.bundled().of(model.config().name()));
    List<String> lines = new ArrayList<>();
    checks.measure(model, (source, finding) -> lines.add(line(source, finding)));
    return new ReportSection.Text(
        HEADING,
        lines.isEmpty()
            ? "No figures are known that were published of %s.".formatted(model.config().name())
            : String.join("\n", lines));
  }

  private static String line(String source, Finding finding) {
    return "%s\n    %s (%s; %s)"
        .formatted(
            finding.what(),
            VerifyReport.comparison(finding),
            VerifyReport.label(finding.verdict()),
            source);
  }
}
