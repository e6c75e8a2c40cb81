package dev.headlamp.hooks.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A report as one HTML file that needs nothing else: styles, script and data are inside, and the
 * page forbids its browser to ask for more. Equal reports give equal files.
 *
 * <p>The numbers of its heat maps stand in each cell's {@code data-value}, and once more, with
 * those of other figures ({@link Figure#arrays}), in the element {@code #report-data}, as {@link
 * ArrayFiles#writeJson} writes them with the facts as metadata.
 *
 * @param title the heading of the page
 * @param facts what is to be known of the run, such as model, metric and seed, in the map's order
 * @param sections the rest of the page, from top to bottom
 */
public record HtmlReport(String title, Map<String, String> facts, List<ReportSection> sections) {

  /** Copies the facts, whose order it keeps, and the sections. */
  public HtmlReport {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    sections = List.copyOf(sections);
  }

  /**
   * Writes the page (UTF-8), whole or not at all, replacing a file that is there.
   *
   * @throws IllegalArgumentException if a page cannot hold a figure: a heat map of more than 40,000
   *     cells
   * @throws IOException naming the file, if it cannot be written
   */
  public void write(Path file) throws IOException {
    byte[] page = html().getBytes(UTF_8);
    AtomicFile.write(file, out -> out.write(page));
  }

  /**
   * Returns the page.
   *
   * @throws IllegalArgumentException if a page cannot hold a figure: a heat map of more than 40,000
   *     cells
   */
  public String html() {
    StringBuilder out = new StringBuilder();
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .append("style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<link rel=\"icon\" href=\"data:,\">\n")
        .append("<title>" + Html.label(title) + "</title>\n")
        .append("<style>\n" + Html.resource(HtmlReport.class, "report.css"))
        .append(ofEachKind(Figure::style) + "</style>\n</head>\n<body>\n<main>\n")
        .append("<h1>" + Html.label(title) + "</h1>\n");
    appendFacts(out);
    for (int i = 0; i < sections.size(); i++) {
      ReportSection section = sections.get(i);
      out.append("<section>\n<h2>" + Html.label(section.heading()) + "</h2>\n");
      append(out, section, "section" + i);
      out.append("</section>\n");
    }
    out.append("</main>\n<script type=\"application/json\" id=\"report-data\">" + data())
        .append("</script>\n<script>\n" + Html.resource(HtmlReport.class, "report.js"))
        .append(ofEachKind(Figure::script) + "</script>\n")
        .append("</body>\n</html>\n");
    return out.toString();
  }

  private void appendFacts(StringBuilder out) {
    if (facts.isEmpty()) {
      return;
    }
    out.append("<table class=\"facts\">\n");
    facts.forEach(
        (name, value) ->
            out.append("<tr><th scope=\"row\">" + Html.label(name) + "</th>")
                .append("<td>" + Html.label(value) + "</td></tr>\n"));
    out.append("</table>\n");
  }

  private static void append(StringBuilder out, ReportSection section, String id) {
    if (section instanceof ReportSection.Prompts prompts) {
      appendPrompts(out, prompts.rows());
    } else if (section instanceof ReportSection.Text text) {
      out.append("<pre class=\"text\">" + Html.escaped(text.text()) + "</pre>\n");
    } else {
      appendFigures(out, figuresOf(section), id);
    }
  }

  private static List<? extends Figure> figuresOf(ReportSection section) {
    if (section instanceof ReportSection.Heatmaps heatmaps) {
      return heatmaps.maps();
    }
    return section instanceof ReportSection.Figures figures ? figures.figures() : List.of();
  }

  private Stream<Figure> figures() {
    return sections.stream().flatMap(section -> figuresOf(section).stream());
  }

  /** Returns what is there of each figure, each text once. */
  private String ofEachKind(Function<Figure, String> part) {
    return figures().map(part).distinct().collect(Collectors.joining());
  }

  private static void appendPrompts(StringBuilder out, List<TokenRow> rows) {
    out.append("<table class=\"prompts\">\n");
    for (TokenRow row : rows) {
      out.append("<tr><th scope=\"row\">" + Html.label(row.label()) + "</th><td>");
      for (int i = 0; i < row.tokens().size(); i++) {
        String kind = row.marked().contains(i) ? "token marked" : "token";
        out.append("<span class=\"" + kind + "\" title=\"position " + i + "\">")
            .append(Html.label(row.tokens().get(i)) + "</span>");
      }
      out.append("</td></tr>\n");
    }
    out.append("</table>\n");
  }

  private static void appendFigures(StringBuilder out, List<? extends Figure> figures, String id) {
    out.append("<div class=\"figures\">\n");
    for (int i = 0; i < figures.size(); i++) {
      Figure figure = figures.get(i);
      out.append("<figure>\n<figcaption><strong>" + Html.label(figure.title()) + "</strong>")
          .append("<span>" + Html.label(figure.caption()) + "</span></figcaption>\n")
          .append(figure.markup(id + "-" + i) + "</figure>\n");
    }
    out.append("</div>\n");
  }

  /** Returns the data as JSON in which nothing can end the element that holds it. */
  private String data() {
    List<LabelledArray> arrays = figures().flatMap(f -> f.arrays().stream()).toList();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try {
      JsonFormat.write(facts, arrays, json);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the report's data as JSON", e);
    }
    return json.toString(UTF_8).replace("<", "\\u003c");
  }
}
