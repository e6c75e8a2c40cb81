package dev.headlamp.hooks.report;

import java.util.List;

/** A part of an {@link HtmlReport} below a heading of its own. */
public sealed interface ReportSection {

  /** Returns the heading. */
  String heading();

  /**
   * Prompts, token by token.
   *
   * @param heading the heading
   * @param rows one prompt each
   */
  record Prompts(String heading, List<TokenRow> rows) implements ReportSection {

    /** Copies the rows. */
    public Prompts {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Heat maps that show their numbers under the pointer.
   *
   * @param heading the heading
   * @param maps the heat maps, side by side where the page is wide enough
   */
  record Heatmaps(String heading, List<Heatmap> maps) implements ReportSection {

    /** Copies the list. */
    public Heatmaps {
      maps = List.copyOf(maps);
    }
  }

  /**
   * Pictures of any kind.
   *
   * @param heading the heading
   * @param figures the pictures, side by side where the page is wide enough
   */
  record Figures(String heading, List<Figure> figures) implements ReportSection {

    /** Copies the list. */
    public Figures {
      figures = List.copyOf(figures);
    }
  }

  /**
   * Text that keeps its line breaks.
   *
   * @param heading the heading
   * @param text the text
   */
  record Text(String heading, String text) implements ReportSection {}
}
