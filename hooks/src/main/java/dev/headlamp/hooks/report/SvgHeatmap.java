package dev.headlamp.hooks.report;

import java.util.List;

/**
 * A heat map as inline SVG. Every cell says where it stands and what it holds in its attributes
 * {@code data-row}, {@code data-column} and {@code data-value}, the last empty for a value that was
 * not computed; {@code report.js} shows them, and the SVG is whole without it.
 */
final class SvgHeatmap {

  private static final int MOST_CELLS = 100_000;
  private static final int CHARACTER = 7;
  private static final int LABEL = 14;
  private static final int LONGEST_LABEL = 22;
  private static final int GAP = 8;
  private static final int BAR_WIDTH = 12;

  private final Heatmap map;
  private final String id;
  private final int cell;
  private final boolean isRotated;
  private final int left;
  private final int right;
  private final int bottom;

  /**
   * @param id what names of this picture start with, so that they differ from those of others
   */
  SvgHeatmap(Heatmap map, String id) {
    this.map = map;
    this.id = id;
    int rows = map.rows().length();
    int columns = map.columns().length();
    if ((long) rows * columns > MOST_CELLS) {
      throw new IllegalArgumentException(
          "%s has %d x %d cells; a page shows at most %d"
              .formatted(map.array(), rows, columns, MOST_CELLS));
    }
    this.cell = Math.max(3, Math.min(30, 640 / Math.max(rows, columns)));
    int widest = Math.min(LONGEST_LABEL, Labels.widest(map.columns().labels()));
    this.isRotated = widest * CHARACTER > cell;
    this.left =
        LABEL + GAP + Math.min(LONGEST_LABEL, Labels.widest(map.rows().labels())) * CHARACTER + GAP;
    this.right = left + columns * cell;
    this.bottom = rows * cell;
  }

  /** Returns the element {@code svg}. */
  String svg() {
    int labels = Math.min(LONGEST_LABEL, Labels.widest(map.columns().labels())) * CHARACTER;
    int height = bottom + GAP + (isRotated ? labels : LABEL) + GAP + LABEL + 4;
    int width = right + 2 * GAP + BAR_WIDTH + 60;
    StringBuilder out = new StringBuilder();
    out.append("<svg class=\"heatmap\" role=\"grid\" width=\"" + width + "\" height=\"" + height)
        .append("\" viewBox=\"0 -8 " + width + " " + (height + 8) + "\"")
        .append(Html.attribute("data-rows", Labels.visible(map.rows().name())))
        .append(Html.attribute("data-columns", Labels.visible(map.columns().name())))
        .append(Html.attribute("aria-label", Labels.visible(map.title())))
        .append(">\n");
    appendDefinitions(out);
    for (int row = 0; row < map.rows().length(); row++) {
      appendRow(out, row);
    }
    appendColumnLabels(out);
    appendAxisNames(out, height);
    appendColorBar(out);
    return out.append("</svg>\n").toString();
  }

  private void appendDefinitions(StringBuilder out) {
    out.append(
        "<defs><linearGradient id=\"" + id + "-scale\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">");
    List<Integer> stops = map.scale().palette().stops();
    for (int i = 0; i < stops.size(); i++) {
      double offset = (double) i / (stops.size() - 1);
      out.append("<stop offset=\"" + offset + "\"")
          .append(" stop-color=\"" + ColorScale.css(stops.get(i)) + "\"/>");
    }
    out.append("</linearGradient>")
        .append("<pattern id=\"" + id + "-absent\" width=\"6\" height=\"6\"")
        .append(" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">")
        .append("<rect class=\"absent\" width=\"6\" height=\"6\"/>")
        .append("<path class=\"absent-line\" d=\"M0 0V6\"/></pattern></defs>\n");
  }

  private void appendRow(StringBuilder out, int row) {
    String label = map.rows().label(row);
    out.append("<g role=\"row\">");
    if (isLabelled(row)) {
      out.append("<text role=\"rowheader\" text-anchor=\"end\" x=\"" + (left - GAP) + "\"")
          .append(" y=\"" + (row * cell + cell / 2 + 4) + "\"")
          .append(Html.attribute("data-row", Labels.visible(label)))
          .append(">" + Html.escaped(Labels.shortened(label, LONGEST_LABEL)) + "</text>");
    }
    for (int column = 0; column < map.columns().length(); column++) {
      appendCell(out, row, column);
    }
    out.append("</g>\n");
  }

  private void appendCell(StringBuilder out, int row, int column) {
    double value = map.array().value(row, column);
    boolean isAbsent = Double.isNaN(value);
    String rowLabel = Labels.visible(map.rows().label(row));
    String columnLabel = Labels.visible(map.columns().label(column));
    String number = isAbsent ? "" : Double.toString(value);
    String fill = isAbsent ? "url(#" + id + "-absent)" : ColorScale.css(map.scale().rgb(value));
    out.append("<rect class=\"cell\" role=\"gridcell\"")
        .append(" tabindex=\"" + (row == 0 && column == 0 ? 0 : -1) + "\"")
        .append(" x=\"" + (left + column * cell) + "\" y=\"" + row * cell + "\"")
        .append(" width=\"" + cell + "\" height=\"" + cell + "\" fill=\"" + fill + "\"")
        .append(Html.attribute("data-row", rowLabel))
        .append(Html.attribute("data-column", columnLabel))
        .append(Html.attribute("data-value", number))
        .append(
            Html.attribute(
                "aria-label",
                Labels.visible(map.rows().name())
                    + " "
                    + rowLabel
                    + ", "
                    + Labels.visible(map.columns().name())
                    + " "
                    + columnLabel
                    + ": "
                    + (isAbsent ? "not computed" : number)))
        .append("/>");
  }

  private void appendColumnLabels(StringBuilder out) {
    out.append("<g role=\"row\">");
    for (int column = 0; column < map.columns().length(); column++) {
      if (!isLabelled(column)) {
        continue;
      }
      String label = map.columns().label(column);
      int x = left + column * cell + cell / 2;
      String place =
          isRotated
              ? "text-anchor=\"end\" transform=\"translate("
                  + (x + 4)
                  + " "
                  + (bottom + GAP)
                  + ") rotate(-90)\""
              : "text-anchor=\"middle\" x=\"" + x + "\" y=\"" + (bottom + LABEL + 2) + "\"";
      out.append("<text role=\"columnheader\" " + place)
          .append(Html.attribute("data-column", Labels.visible(label)))
          .append(">" + Html.escaped(Labels.shortened(label, LONGEST_LABEL)) + "</text>");
    }
    out.append("</g>\n");
  }

  /** Returns whether the label at {@code index} is written: not all are where cells are small. */
  private boolean isLabelled(int index) {
    return index % Math.max(1, (LABEL + cell - 1) / cell) == 0;
  }

  private void appendAxisNames(StringBuilder out, int height) {
    out.append("<text class=\"axis\" text-anchor=\"middle\" x=\"" + (left + right) / 2 + "\"")
        .append(" y=\"" + (height - 6) + "\">" + Html.label(map.columns().name()) + "</text>")
        .append("<text class=\"axis\" text-anchor=\"middle\"")
        .append(" transform=\"translate(" + LABEL + " " + bottom / 2 + ") rotate(-90)\">")
        .append(Html.label(map.rows().name()) + "</text>\n");
  }

  private void appendColorBar(StringBuilder out) {
    int x = right + 2 * GAP;
    out.append(
            "<rect x=\"" + x + "\" y=\"0\" width=\"" + BAR_WIDTH + "\" height=\"" + bottom + "\"")
        .append(" fill=\"url(#" + id + "-scale)\"/>");
    ColorScale scale = map.scale();
    double middle = scale.low() + (scale.high() - scale.low()) / 2;
    NumberStyle style = NumberStyle.of(2, Math.max(Math.abs(scale.low()), Math.abs(scale.high())));
    appendTick(out, x, 4, style.write(scale.high()));
    appendTick(out, x, bottom / 2 + 4, style.write(middle));
    appendTick(out, x, bottom + 4, style.write(scale.low()));
    out.append('\n');
  }

  private static void appendTick(StringBuilder out, int x, int y, String text) {
    out.append("<text class=\"tick\" x=\"" + (x + BAR_WIDTH + 6) + "\" y=\"" + y + "\">")
        .append(text + "</text>");
  }
}
