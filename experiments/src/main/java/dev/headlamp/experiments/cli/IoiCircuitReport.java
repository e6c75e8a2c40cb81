package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitProposal;
import dev.headlamp.experiments.circuit.HeadClass;
import dev.headlamp.experiments.circuit.study.Section;
import dev.headlamp.experiments.circuit.study.SectionResult;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was found of a circuit.
 *
 * @param facts what is to be known of the run
 * @param circuit the circuit
 * @param proposal how it was found, unless it was given
 */
record IoiCircuitReport(
    Map<String, String> facts, Circuit circuit, Optional<CircuitProposal> proposal) {

  ExperimentReport of(List<SectionResult> results, boolean complete) {
    Map<String, String> all = new LinkedHashMap<>(facts);
    all.put("circuit", name());
    all.put("source", circuit.source());
    List<ReportSection> summary = new ArrayList<>();
    summary.add(new ReportSection.Text("Circuit", heads()));
    summary.add(new ReportSection.Text("Findings", findings(results)));
    List<ReportSection> details = new ArrayList<>();
    proposal.ifPresent(
        found -> details.add(new ReportSection.Text("How the circuit grew", text(found.table()))));
    for (SectionResult result : results) {
      ReportSection pictures =
          new ReportSection.Heatmaps(result.section().heading() + ": pictures", result.pictures());
      details.add(new ReportSection.Text(result.section().heading(), text(result)));
      if (result.section() == Section.PATHS) {
        summary.add(pictures);
      } else if (!result.pictures().isEmpty()) {
        details.add(pictures);
      }
      if (!result.figures().isEmpty()) {
        details.add(
            new ReportSection.Figures(result.section().heading() + ": picture", result.figures()));
      }
    }
    return new ExperimentReport(
        "The IOI circuit of " + facts.get("model"),
        all,
        summary,
        details,
        arrays(results),
        complete);
  }

  private String name() {
    return "%s: %d heads".formatted(circuit.name(), circuit.heads().size());
  }

  private String heads() {
    TextTable table = TextTable.of("role", "position", "heads");
    for (HeadClass heads : circuit.classes()) {
      table.add(
          heads.role().toString(),
          heads.position().label(),
          heads.heads().stream().map(Object::toString).collect(Collectors.joining(" ")));
    }
    return name()
        + "\n"
        + String.join("\n", table.lines())
        + proposal
            .filter(found -> !found.reached())
            .map(found -> "\nThe share asked for was not reached.")
            .orElse("");
  }

  private static String findings(List<SectionResult> results) {
    TextTable table = TextTable.of("section", "finding");
    for (SectionResult result : results) {
      result.summary().forEach(line -> table.add(result.section().toString(), line));
    }
    return String.join("\n", table.lines());
  }

  private static String text(SectionResult result) {
    List<String> parts = new ArrayList<>(List.of(result.section().question()));
    parts.add(String.join("\n", result.summary()));
    result.tables().forEach(table -> parts.add(table.name() + "\n" + text(table)));
    parts.add("Wang et al. 2022: " + result.section().literature());
    return String.join("\n\n", parts);
  }

  /** Returns a result of rows and columns as text. */
  private static String text(LabelledArray array) {
    Axis columns = array.axes().get(1);
    List<String> titles = new ArrayList<>(List.of(""));
    columns.labels().forEach(label -> titles.add(">" + label));
    TextTable table = TextTable.of(titles.toArray(String[]::new));
    List<Boolean> whole =
        columns.labels().stream()
            .map(label -> array.slice(columns.name(), label).stream().noneMatch(v -> v % 1 != 0))
            .toList();
    for (String row : array.axes().get(0).labels()) {
      LabelledArray values = array.slice(array.axes().get(0).name(), row);
      List<String> cells = new ArrayList<>(List.of(row));
      for (int column = 0; column < columns.length(); column++) {
        cells.add(number(values.value(column), whole.get(column)));
      }
      table.add(cells.toArray(String[]::new));
    }
    return String.join("\n", table.lines());
  }

  private static String number(double value, boolean whole) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, whole ? "%.0f" : "%.3f", value);
  }

  private List<LabelledArray> arrays(List<SectionResult> results) {
    return Stream.concat(
            Stream.concat(
                Stream.of(circuit.table()), proposal.map(CircuitProposal::table).stream()),
            results.stream()
                .flatMap(
                    result ->
                        Stream.concat(
                            result.tables().stream(),
                            result.pictures().stream().map(Heatmap::array))))
        .toList();
  }
}
