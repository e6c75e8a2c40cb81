package dev.headlamp.hooks.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.AxesChartStyler.TextAlignment;
import org.knowm.xchart.style.HeatMapStyler;

/**
 * One heat map of a picture: its title and unit above a chart of XChart's. Sizes are pixels of a
 * plain screen.
 *
 * @param map what is drawn
 * @param cell the side of a cell; about that, for XChart fits the cells to what the labels leave
 * @param chartWidth the width of the chart
 * @param chartHeight the height of the chart
 */
record HeatmapPanel(Heatmap map, int cell, int chartWidth, int chartHeight) {

  private static final int MOST_CELLS = 2048;

  /** The share of a scale that no colour tells from its end. */
  private static final double END = 1e-6;

  private static final int LARGEST_CELL = 32;
  private static final int LARGEST_SIDE = 900;

  private static final int LONGEST_LABEL = 24;
  private static final int CHARACTER_WIDTH = 7;
  private static final int LABEL_HEIGHT = 14;
  private static final int COLOR_BAR_AND_PADDING = 140;
  private static final int AXIS_NAME_AND_PADDING = 60;

  /**
   * @throws IllegalArgumentException if the heat map has more than 2048 rows or columns
   */
  static HeatmapPanel of(Heatmap map) {
    int rows = checkedLength(map.rows());
    int columns = checkedLength(map.columns());
    int cell = Math.max(1, Math.min(LARGEST_CELL, LARGEST_SIDE / Math.max(rows, columns)));
    int columnLabels = isRotated(map, cell) ? labelWidth(map.columns()) : LABEL_HEIGHT;
    return new HeatmapPanel(
        map,
        cell,
        columns * cell + labelWidth(map.rows()) + COLOR_BAR_AND_PADDING,
        rows * cell + columnLabels + AXIS_NAME_AND_PADDING);
  }

  int width() {
    return Math.max(chartWidth, Pictures.headerWidth(map.title(), subtitle()));
  }

  int height() {
    return Pictures.HEADER_HEIGHT + chartHeight;
  }

  /** Paints the panel at the origin of {@code canvas}, which it leaves as it was. */
  void paint(Graphics2D canvas) {
    Graphics2D g = (Graphics2D) canvas.create();
    try {
      g.translate(0, Pictures.HEADER_HEIGHT);
      chart().paint(g, chartWidth, chartHeight);
      g.translate(0, -Pictures.HEADER_HEIGHT);
      Pictures.paintHeader(g, map.title(), subtitle());
    } finally {
      g.dispose();
    }
  }

  private String subtitle() {
    String unit = map.array().unit();
    if (map.array().stream().noneMatch(Double::isNaN)) {
      return unit;
    }
    return unit + (unit.isEmpty() ? "" : "; ") + "grey: not computed";
  }

  private HeatMapChart chart() {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .xAxisTitle(Labels.visible(map.columns().name()))
            .yAxisTitle(Labels.visible(map.rows().name()))
            .build();
    style(chart.getStyler());
    // XChart counts rows from the bottom.
    List<String> rowLabels = new ArrayList<>(shownLabels(map.rows()));
    Collections.reverse(rowLabels);
    chart.addSeries("values", shownLabels(map.columns()), rowLabels, cells());
    return chart;
  }

  /** Lists {column, row from the bottom, value}; where XChart finds null, the background shows. */
  private List<Number[]> cells() {
    List<Number[]> cells = new ArrayList<>();
    int rows = map.rows().length();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < map.columns().length(); column++) {
        double value = map.array().value(row, column);
        cells.add(
            Double.isNaN(value) ? null : new Number[] {column, rows - 1 - row, onScale(value)});
      }
    }
    return cells;
  }

  /**
   * Returns a value that XChart has a colour for: it finds none just below the end of the scale.
   */
  private double onScale(double value) {
    ColorScale scale = map.scale();
    double nearEnd = scale.high() - END * (scale.high() - scale.low());
    return value >= nearEnd ? scale.high() : Math.max(scale.low(), value);
  }

  private void style(HeatMapStyler styler) {
    ColorScale scale = map.scale();
    styler.setRangeColors(scale.palette().stops().stream().map(Color::new).toArray(Color[]::new));
    styler.setMin(scale.low()).setMax(scale.high());
    styler.setGradientColorColumnHeight(Math.max(12, map.rows().length() * cell - 30));
    styler.setGradientColorColumnWeight(14);
    styler.setLegendBorderColor(Color.WHITE).setLegendFont(Pictures.LABEL_FONT);
    styler.setChartTitleVisible(false);
    styler.setChartBackgroundColor(Color.WHITE).setChartFontColor(Pictures.TEXT);
    styler.setPlotBackgroundColor(new Color(ColorScale.ABSENT_RGB));
    styler.setPlotBorderVisible(false).setPlotContentSize(1);
    styler.setPlotGridLinesVisible(false).setPlotMargin(0);
    styler.setAxisTicksLineVisible(false).setAxisTicksMarksVisible(false).setAxisTickMarkLength(0);
    styler.setAxisTickLabelsFont(Pictures.LABEL_FONT).setAxisTitleFont(Pictures.LABEL_FONT);
    styler.setAxisTickLabelsColor(Pictures.TEXT);
    styler.setXAxisTickMarkSpacingHint(0); // shownLabels does the spacing, from the first label on
    styler.setXAxisLabelRotation(isRotated(map, cell) ? 90 : 0);
    styler.setXAxisLabelAlignmentVertical(TextAlignment.Right);
    styler.setYAxisLabelAlignment(TextAlignment.Right);
  }

  private static boolean isRotated(Heatmap map, int cell) {
    return labelWidth(map.columns()) > cell;
  }

  private static int labelWidth(Axis axis) {
    return Math.min(Labels.widest(axis.labels()), LONGEST_LABEL) * CHARACTER_WIDTH;
  }

  /** Lists the labels, empty where cells are too small to label them all; XChart skips those. */
  private List<String> shownLabels(Axis axis) {
    int step = Math.max(1, (LABEL_HEIGHT + cell - 1) / cell);
    return IntStream.range(0, axis.length())
        .mapToObj(i -> i % step == 0 ? Labels.shortened(axis.label(i), LONGEST_LABEL) : "")
        .toList();
  }

  private static int checkedLength(Axis axis) {
    if (axis.length() > MOST_CELLS) {
      throw new IllegalArgumentException(
          "axis '%s' has %d labels; a picture holds at most %d"
              .formatted(axis.name(), axis.length(), MOST_CELLS));
    }
    return axis.length();
  }
}
