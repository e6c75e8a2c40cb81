package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an experiment found; the terminal, the files and the JSON all speak from it.
 *
 * @param title the heading of its page
 * @param facts what is to be known of the run, in the order to show it
 * @param summary the main numbers, for the terminal and the head of the page
 * @param details the rest of the page
 * @param arrays every number, for other programs
 * @param complete whether nothing was cut short
 */
record ExperimentReport(
    String title,
    Map<String, String> facts,
    List<ReportSection> summary,
    List<ReportSection> details,
    List<LabelledArray> arrays,
    boolean complete) {

  ExperimentReport {
    Map<String, String> all = new LinkedHashMap<>(facts);
    if (!complete) {
      all.put("interrupted", "what was not computed is absent");
    }
    facts = Collections.unmodifiableMap(all);
    summary = List.copyOf(summary);
    details = List.copyOf(details);
    arrays = List.copyOf(arrays);
  }

  HtmlReport page() {
    return new HtmlReport(title, facts, Stream.concat(summary.stream(), details.stream()).toList());
  }

  /** Returns what the picture shows: the heat maps of the summary, or else of the details. */
  List<Heatmap> pictures() {
    List<Heatmap> main = summary.stream().flatMap(ExperimentReport::maps).toList();
    return main.isEmpty() ? details.stream().flatMap(ExperimentReport::maps).toList() : main;
  }

  private static Stream<Heatmap> maps(ReportSection section) {
    return section instanceof ReportSection.Heatmaps heatmaps
        ? heatmaps.maps().stream()
        : Stream.empty();
  }
}
