package dev.headlamp.hooks.report;

import java.util.List;

/**
 * A heat map as inline SVG. Every cell says where it stands and what it holds in its attributes
 * {@code data-row}, {@code data-column} and {@code data-value}, the last empty for a value that was
 * not computed; {@code report.js} shows them, and the SVG is whole without it.
 *
 * <p>The cells start at height 0; the margin above them is for half a line of the colour bar.
 */
final class SvgHeatmap {

  private static final int MOST_CELLS = 40_000;
  private static final int LARGEST_CELL = 30;
  private static final int SMALLEST_CELL = 3;
  private static final int LARGEST_SIDE = 640;

  private static final int LONGEST_LABEL = 22;
  private static final int CHARACTER_WIDTH = 7;
  private static final int LINE = 14;
  private static final int HALF_TEXT = 4;
  private static final int GAP = 8;
  private static final int BAR_WIDTH = 12;
  private static final int TICK_WIDTH = 60;

  private final Heatmap map;
  private final String scaleId;
  private final String absentId;
  private final int cell;
  private final int left;
  private final int right;
  private final int bottom;

  /**
   * @param id what names of this picture start with, so that they differ from those of others
   * @throws IllegalArgumentException if the heat map has more than 40,000 cells
   */
  SvgHeatmap(Heatmap map, String id) {
    this.map = map;
    this.scaleId = id + "-scale";
    this.absentId = id + "-absent";
    int rows = map.rows().length();
    int columns = map.columns().length();
    if (map.array().size() > MOST_CELLS) {
      throw new IllegalArgumentException(
          "%s has %d x %d cells; a page shows at most %d"
              .formatted(map.array(), rows, columns, MOST_CELLS));
    }
    int fitting = LARGEST_SIDE / Math.max(rows, columns);
    this.cell = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, fitting));
    this.left = LINE + 2 * GAP + labelWidth(map.rows()) + GAP;
    this.right = left + columns * cell;
    this.bottom = rows * cell;
  }

  /** Returns the element {@code svg}. */
  String svg() {
    int columnLabels = isRotated() ? labelWidth(map.columns()) : LINE;
    int below = GAP + columnLabels + GAP + LINE;
    int height = GAP + Math.max(bottom + below, barHeight() + GAP) + HALF_TEXT;
    int width = right + 2 * GAP + BAR_WIDTH + TICK_WIDTH;
    StringBuilder content = new StringBuilder("\n").append(definitions()).append('\n');
    for (int row = 0; row < map.rows().length(); row++) {
      content.append(row(row)).append('\n');
    }
    content.append(columnLabels()).append('\n');
    content.append(axisNames(height - GAP)).append('\n');
    content.append(colorBar()).append('\n');
    return new Tag("svg")
        .with("class", "heatmap")
        .with("role", "grid")
        .with("width", width)
        .with("height", height)
        .with("viewBox", "0 " + -GAP + " " + width + " " + height)
        .with("data-rows", name(map.rows()))
        .with("data-columns", name(map.columns()))
        .with("aria-label", Labels.visible(map.title()))
        .around(content.toString());
  }

  private String definitions() {
    StringBuilder gradient = new StringBuilder();
    List<Integer> stops = map.scale().palette().stops();
    for (int i = 0; i < stops.size(); i++) {
      gradient.append(
          new Tag("stop")
              .with("offset", (double) i / (stops.size() - 1))
              .with("stop-color", ColorScale.css(stops.get(i)))
              .empty());
    }
    String upwards =
        new Tag("linearGradient")
            .with("id", scaleId)
            .with("x1", 0)
            .with("y1", 1)
            .with("x2", 0)
            .with("y2", 0)
            .around(gradient.toString());
    String hatching =
        new Tag("pattern")
            .with("id", absentId)
            .with("width", 6)
            .with("height", 6)
            .with("patternUnits", "userSpaceOnUse")
            .with("patternTransform", "rotate(45)")
            .around(
                new Tag("rect").with("class", "absent").with("width", 6).with("height", 6).empty()
                    + new Tag("path").with("class", "absent-line").with("d", "M0 0V6").empty());
    return new Tag("defs").around(upwards + hatching);
  }

  private String row(int row) {
    StringBuilder content = new StringBuilder();
    if (isLabelled(row)) {
      String label = map.rows().label(row);
      content.append(
          new Tag("text")
              .with("role", "rowheader")
              .with("text-anchor", "end")
              .with("x", left - GAP)
              .with("y", row * cell + cell / 2 + HALF_TEXT)
              .with("data-row", Labels.visible(label))
              .text(Labels.shortened(label, LONGEST_LABEL)));
    }
    for (int column = 0; column < map.columns().length(); column++) {
      content.append(cell(row, column));
    }
    return new Tag("g").with("role", "row").around(content.toString());
  }

  private String cell(int row, int column) {
    double value = map.array().value(row, column);
    boolean isAbsent = Double.isNaN(value);
    String number = isAbsent ? "" : Double.toString(value);
    String rowLabel = Labels.visible(map.rows().label(row));
    String columnLabel = Labels.visible(map.columns().label(column));
    String place =
        name(map.rows()) + " " + rowLabel + ", " + name(map.columns()) + " " + columnLabel;
    return new Tag("rect")
        .with("class", "cell")
        .with("role", "gridcell")
        .with("tabindex", row == 0 && column == 0 ? 0 : -1)
        .with("x", left + column * cell)
        .with("y", row * cell)
        .with("width", cell)
        .with("height", cell)
        .with("fill", isAbsent ? reference(absentId) : ColorScale.css(map.scale().rgb(value)))
        .with("data-row", rowLabel)
        .with("data-column", columnLabel)
        .with("data-value", number)
        .with("aria-label", place + ": " + (isAbsent ? "not computed" : number))
        .empty();
  }

  private String columnLabels() {
    StringBuilder content = new StringBuilder();
    for (int column = 0; column < map.columns().length(); column++) {
      if (isLabelled(column)) {
        String label = map.columns().label(column);
        content.append(
            columnLabel(left + column * cell + cell / 2)
                .with("role", "columnheader")
                .with("data-column", Labels.visible(label))
                .text(Labels.shortened(label, LONGEST_LABEL)));
      }
    }
    return new Tag("g").with("role", "row").around(content.toString());
  }

  private Tag columnLabel(int middle) {
    return isRotated()
        ? rotatedText(middle + HALF_TEXT, bottom + GAP).with("text-anchor", "end")
        : new Tag("text")
            .with("text-anchor", "middle")
            .with("x", middle)
            .with("y", bottom + GAP / 2 + LINE);
  }

  private String axisNames(int lowest) {
    String columns =
        new Tag("text")
            .with("class", "axis")
            .with("text-anchor", "middle")
            .with("x", (left + right) / 2)
            .with("y", lowest - HALF_TEXT)
            .text(name(map.columns()));
    String rows =
        rotatedText(LINE, bottom / 2)
            .with("class", "axis")
            .with("text-anchor", "middle")
            .text(name(map.rows()));
    return columns + rows;
  }

  private String colorBar() {
    ColorScale scale = map.scale();
    double middle = scale.low() + (scale.high() - scale.low()) / 2;
    NumberStyle style =
        NumberStyle.ofScale(Math.max(Math.abs(scale.low()), Math.abs(scale.high())));
    int height = barHeight();
    return new Tag("rect")
            .with("x", right + 2 * GAP)
            .with("y", 0)
            .with("width", BAR_WIDTH)
            .with("height", height)
            .with("fill", reference(scaleId))
            .empty()
        + tick(0, style.write(scale.high()))
        + tick(height / 2, style.write(middle))
        + tick(height, style.write(scale.low()));
  }

  /** A bar as low as a few small cells would have its three numbers on top of one another. */
  private int barHeight() {
    return Math.max(bottom, 2 * LINE);
  }

  private String tick(int y, String number) {
    return new Tag("text")
        .with("class", "tick")
        .with("x", right + 2 * GAP + BAR_WIDTH + GAP)
        .with("y", y + HALF_TEXT)
        .text(number);
  }

  private boolean isRotated() {
    return labelWidth(map.columns()) + HALF_TEXT > cell; // so that labels do not touch
  }

  /** Returns whether the label at {@code index} is written: not all are where cells are small. */
  private boolean isLabelled(int index) {
    return index % Math.max(1, (LINE + cell - 1) / cell) == 0;
  }

  private static int labelWidth(Axis axis) {
    return Math.min(LONGEST_LABEL, Labels.widest(axis.labels())) * CHARACTER_WIDTH;
  }

  private static String name(Axis axis) {
    return Labels.visible(axis.name());
  }

  private static Tag rotatedText(int x, int y) {
    return new Tag("text").with("transform", "translate(" + x + " " + y + ") rotate(-90)");
  }

  private static String reference(String id) {
    return "url(#" + id + ")";
  }
}
