package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.report.ArrayFiles;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.HeatmapImage;
import dev.headlamp.hooks.report.HeatmapImage.Arrangement;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.TerminalHeatmap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where the results of an experiment go: the terminal, and files called by its name. */
final class ExperimentOutput {

  /** A picture of more rows or columns can no longer be read. */
  private static final int MOST_IN_A_PICTURE = 128;

  private static final int MOST_SIDE_BY_SIDE = 3;
  private static final int MOST_COLUMNS_SIDE_BY_SIDE = 48;

  /** A picture that is much wider than high is shown too small to be read. */
  private static final int MOST_COLUMNS_FOR_EACH_ROW = 10;

  private final String name;
  private final OutputOptions options;
  private final OutputFolder folder;
  private final Terminal terminal;

  private ExperimentOutput(
      String name, OutputOptions options, OutputFolder folder, Terminal terminal) {
    this.name = name;
    this.options = options;
    this.folder = folder;
    this.terminal = terminal;
  }

  /**
   * Returns where the files of an experiment can be written.
   *
   * @throws InputException if they cannot
   */
  static ExperimentOutput prepared(String name, OutputOptions options, Terminal terminal) {
    OutputFolder folder =
        options.folderFor(name + ".png", name + ".csv", name + ".json", name + ".html");
    return new ExperimentOutput(name, options, folder, terminal);
  }

  /** Returns where what is meant for people goes. */
  Terminal forPeople() {
    return options.forPeople(terminal);
  }

  /** Prints what is to be known of a run before it begins. */
  void printStart(Map<String, String> facts) {
    Terminal people = forPeople();
    facts.forEach(
        (fact, value) ->
            people.out().printf("%s  %s%n", people.faint("%-17s".formatted(fact)), value));
    people.out().flush();
  }

  /** Writes the files, prints the summary, and returns the exit status. */
  int show(ExperimentReport report) throws IOException {
    List<Path> files = write(report);
    Terminal people = forPeople();
    report.summary().forEach(section -> print(section, people));
    people.out().println();
    if (!report.complete()) {
      people.out().println("interrupted: what was not computed is absent");
    }
    files.forEach(file -> people.out().println("wrote " + file));
    people.out().flush();
    if (options.json()) {
      new JsonDocument()
          .with("facts", report.facts())
          .with("complete", report.complete())
          .with("arrays", report.arrays().stream().map(JsonDocument::of).toList())
          .with("files", files.stream().map(Path::toString).toList())
          .print(terminal.out());
    }
    return report.complete() ? ExitStatus.OK : ExitStatus.INTERRUPTED;
  }

  private List<Path> write(ExperimentReport report) throws IOException {
    List<Path> files = new ArrayList<>();
    List<Heatmap> pictures =
        report.pictures().stream().filter(ExperimentOutput::canBeDrawn).toList();
    if (!pictures.isEmpty()) {
      files.add(folder.file(name + ".png"));
      HeatmapImage.writePng(files.get(0), arrangement(pictures), pictures);
    }
    Path csv = folder.file(name + ".csv");
    ArrayFiles.writeCsv(csv, report.arrays());
    Path json = folder.file(name + ".json");
    ArrayFiles.writeJson(json, report.facts(), report.arrays());
    Path html = folder.file(name + ".html");
    report.page().write(html);
    files.addAll(List.of(csv, json, html));
    return files;
  }

  private static Arrangement arrangement(List<Heatmap> pictures) {
    int columns = pictures.stream().mapToInt(map -> map.columns().length()).sum();
    int rows = pictures.stream().mapToInt(map -> map.rows().length()).max().orElse(0);
    return pictures.size() <= MOST_SIDE_BY_SIDE
            && columns <= Math.min(MOST_COLUMNS_SIDE_BY_SIDE, MOST_COLUMNS_FOR_EACH_ROW * rows)
        ? Arrangement.SIDE_BY_SIDE
        : Arrangement.STACKED;
  }

  private static boolean canBeDrawn(Heatmap map) {
    return map.rows().length() <= MOST_IN_A_PICTURE && map.columns().length() <= MOST_IN_A_PICTURE;
  }

  private static void print(ReportSection section, Terminal people) {
    if (section instanceof ReportSection.Text text) {
      people.out().println();
      people.out().println(people.bold(text.heading()));
      people.out().println(text.text().stripTrailing());
    } else if (section instanceof ReportSection.Heatmaps heatmaps) {
      TerminalHeatmap drawing = new TerminalHeatmap(people.colors(), people.width());
      heatmaps.maps().stream()
          .filter(map -> map.array().max().isPresent())
          .forEach(map -> people.out().print("\n" + drawing.render(map)));
    }
  }
}
