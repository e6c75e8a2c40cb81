package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.EnumerationCsv;
import dev.headlamp.experiments.enumeration.Slice;
import dev.headlamp.experiments.verify.PublishedChecks;
import dev.headlamp.hooks.report.ArrayFiles;
import dev.headlamp.hooks.report.plots.PlotImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells what an enumeration says: on the terminal, and in files that begin with one name. */
record EnumerationOutput(
    String name, OutputOptions options, OutputFolder folder, Terminal terminal, boolean csv) {

  static EnumerationOutput of(
      String name, OutputOptions options, EnumerationOptions enumeration, Terminal terminal) {
    OutputFolder folder =
        options.folderFor(
            name + ".rows",
            name + ".png",
            name + "-means.csv",
            name + ".csv",
            name + ".json",
            name + ".html");
    return new EnumerationOutput(name, options, folder, terminal, enumeration.csv());
  }

  /** Returns where the logit differences themselves are kept. */
  Path rows() {
    return folder.file(name + ".rows");
  }

  Terminal forPeople() {
    return options.forPeople(terminal);
  }

  /** Prints facts. */
  void print(Map<String, String> facts) {
    facts.forEach(
        (fact, value) ->
            forPeople().out().println(forPeople().faint("%-17s".formatted(fact)) + "  " + value));
    forPeople().out().flush();
  }

  /** Writes the tables and pictures, and prints the main numbers. */
  void show(Map<String, String> facts, Enumeration rows, List<Slice> slices) throws IOException {
    EnumerationReport report =
        EnumerationReport.of(
            facts,
            rows,
            slices,
            PublishedChecks.bundled().of(facts.getOrDefault("model", "")).enumeration());
    List<Path> files = write(report, rows);
    new EnumerationText(report).print(forPeople(), files);
    if (options.json()) {
      new JsonDocument()
          .with("facts", facts)
          .with("arrays", report.arrays().stream().map(JsonDocument::of).toList())
          .with("files", files.stream().map(Path::toString).toList())
          .print(terminal.out());
    }
  }

  private List<Path> write(EnumerationReport report, Enumeration rows) throws IOException {
    List<Path> files = new ArrayList<>();
    files.add(folder.file(name + ".png"));
    PlotImage.writePng(folder.file(name + ".png"), report.plot());
    if (!report.means().rows().isEmpty()) {
      files.add(folder.file(name + "-means.csv"));
      ArrayFiles.writeCsvTable(folder.file(name + "-means.csv"), report.meansArray());
    }
    files.add(folder.file(name + ".json"));
    ArrayFiles.writeJson(folder.file(name + ".json"), report.facts(), report.arrays());
    files.add(folder.file(name + ".html"));
    report.page().write(folder.file(name + ".html"));
    if (csv) {
      files.add(folder.file(name + ".csv"));
      EnumerationCsv.write(folder.file(name + ".csv"), rows);
    }
    return files;
  }
}
