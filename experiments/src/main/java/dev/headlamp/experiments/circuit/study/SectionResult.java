package dev.headlamp.experiments.circuit.study;

import dev.headlamp.hooks.report.Figure;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * What one section found.
 *
 * @param section the section
 * @param summary the main findings, a sentence each
 * @param tables numbers to be read: {@code [row, quantity]}
 * @param pictures numbers to be looked at
 * @param figures other pictures
 */
public record SectionResult(
    Section section,
    List<String> summary,
    List<LabelledArray> tables,
    List<Heatmap> pictures,
    List<Figure> figures) {

  /** Copies the lists. */
  public SectionResult {
    summary = List.copyOf(summary);
    tables = List.copyOf(tables);
    pictures = List.copyOf(pictures);
    figures = List.copyOf(figures);
  }
}
