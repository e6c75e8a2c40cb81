package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.report.ArrayFiles;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.HeatmapImage;
import dev.headlamp.hooks.report.HeatmapImage.Arrangement;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.TokenRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes what activation patching found as a picture, a table and a page. */
final class PatchFiles {

  static final String PNG = "patching.png";
  static final String CSV = "patching.csv";
  static final String HTML = "patching.html";

  /** What a page, and a picture, can hold of one sweep. */
  private static final int MOST_CELLS = 40_000;

  private static final int MOST_COLUMNS = 2048;
  private static final int MOST_SIDE_BY_SIDE = 2;

  private PatchFiles() {}

  /** Writes the files and returns where they are. */
  static List<Path> write(PatchReport report, OutputFolder folder) throws IOException {
    List<Path> written = new ArrayList<>();
    List<Heatmap> drawable = report.heatmaps().stream().filter(PatchFiles::isDrawable).toList();
    if (!drawable.isEmpty()) {
      Arrangement arrangement =
          drawable.size() <= MOST_SIDE_BY_SIDE ? Arrangement.SIDE_BY_SIDE : Arrangement.STACKED;
      HeatmapImage.writePng(folder.file(PNG), arrangement, drawable);
      written.add(folder.file(PNG));
    }
    ArrayFiles.writeCsv(folder.file(CSV), report.arrays());
    written.add(folder.file(CSV));
    page(report, drawable).write(folder.file(HTML));
    written.add(folder.file(HTML));
    return written;
  }

  private static boolean isDrawable(Heatmap map) {
    return map.array().size() <= MOST_CELLS && map.columns().length() <= MOST_COLUMNS;
  }

  private static HtmlReport page(PatchReport report, List<Heatmap> drawable) {
    List<ReportSection> sections = new ArrayList<>();
    sections.add(new ReportSection.Heatmaps("Patched runs", drawable));
    if (drawable.size() < report.sweeps().size()) {
      sections.add(
          new ReportSection.Text(
              "Not drawn",
              "A sweep of more than %d runs is only in %s.".formatted(MOST_CELLS, CSV)));
    }
    sections.add(new ReportSection.Prompts("Prompts", rows(report)));
    sections.add(
        new ReportSection.Text(
            "Unpatched runs", String.join("\n", PatchText.readouts(report).lines())));
    return new HtmlReport(
        "Activation patching: " + report.model().config().name(), report.facts(), sections);
  }

  private static List<TokenRow> rows(PatchReport report) {
    List<TokenRow> rows = new ArrayList<>();
    for (int i = 0; i < report.prompts().count(); i++) {
      List<String> clean = ModelFacts.tokenTexts(report.model(), report.prompts().clean(), i);
      List<String> corrupted =
          ModelFacts.tokenTexts(report.model(), report.prompts().corrupted(), i);
      rows.add(TokenRow.of((i + 1) + " clean", clean).markingDifferencesFrom(corrupted));
      rows.add(TokenRow.of((i + 1) + " corrupted", corrupted).markingDifferencesFrom(clean));
    }
    return rows;
  }
}
