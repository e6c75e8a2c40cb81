package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.Pictures;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws plots with XChart, as pictures of the kind that {@link Pictures} says. */
public final class PlotImage {

  private static final int WIDTH = 640;
  private static final int HEIGHT = 400;
  private static final int MARGIN = 20;
  private static final int LONGEST_LABEL = 16;
  private static final int OPAQUE = 255;
  private static final int TRANSLUCENT = 160;
  private static final Color GRID = new Color(0xe4e9ee);

  private PlotImage() {}

  /**
   * Writes a plot as a PNG file, whole or not at all, replacing a file that is there.
   *
   * @throws IllegalStateException if Java looks for a display that cannot be reached
   * @throws IOException naming the file, if it cannot be written
   */
  public static void writePng(Path file, Plot plot) throws IOException {
    Pictures.writePng(file, draw(plot));
  }

  /**
   * Draws a plot as a picture, which is the caller's own.
   *
   * @throws IllegalStateException if Java looks for a display that cannot be reached
   */
  public static BufferedImage draw(Plot plot) {
    int width = Math.max(WIDTH, Pictures.headerWidth(plot.title(), plot.caption()));
    XYChart chart = chart(PlotData.of(plot));
    return Pictures.paint(
        width + 2 * MARGIN,
        Pictures.HEADER_HEIGHT + HEIGHT + 2 * MARGIN,
        g -> {
          g.translate(MARGIN, MARGIN);
          Pictures.paintHeader(g, plot.title(), plot.caption());
          g.translate(0, Pictures.HEADER_HEIGHT);
          chart.paint(g, WIDTH, HEIGHT);
        });
  }

  private static XYChart chart(PlotData data) {
    XYChart chart =
        new XYChartBuilder()
            .xAxisTitle(Labels.visible(data.xLabel()))
            .yAxisTitle(Labels.visible(data.yLabel()))
            .build();
    style(chart.getStyler(), data);
    for (PlotData.Series series : data.series()) {
      add(chart, data.kind(), series);
    }
    return chart;
  }

  private static void add(XYChart chart, PlotData.Kind kind, PlotData.Series series) {
    List<PlotData.Point> points =
        kind == PlotData.Kind.POINTS
            ? series.points().stream().filter(PlotData.Point::isDrawn).toList()
            : series.points();
    if (points.stream().noneMatch(PlotData.Point::isDrawn)) {
      return; // XChart refuses a series without a place
    }
    XYSeries drawn =
        chart.addSeries(
            Labels.visible(series.name()),
            points.stream().mapToDouble(PlotData.Point::x).toArray(),
            points.stream()
                .mapToDouble(point -> point.isDrawn() ? point.y() : Double.NaN)
                .toArray());
    Color line = new Color(series.rgb());
    Color fill =
        new Color(
            line.getRed(),
            line.getGreen(),
            line.getBlue(),
            kind == PlotData.Kind.LINES ? OPAQUE : TRANSLUCENT);
    drawn.setXYSeriesRenderStyle(renderStyle(kind));
    drawn.setMarker(marker(kind)).setMarkerColor(fill);
    drawn.setLineColor(line).setLineStyle(new BasicStroke(kind == PlotData.Kind.LINES ? 2 : 1));
    drawn.setFillColor(fill);
  }

  private static XYSeriesRenderStyle renderStyle(PlotData.Kind kind) {
    return switch (kind) {
      case BARS -> XYSeriesRenderStyle.StepArea;
      case LINES -> XYSeriesRenderStyle.Line;
      case POINTS -> XYSeriesRenderStyle.Scatter;
    };
  }

  private static Marker marker(PlotData.Kind kind) {
    return kind == PlotData.Kind.BARS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE;
  }

  private static void style(XYStyler styler, PlotData data) {
    Ticks x = data.xTicks();
    Ticks y = data.yTicks();
    styler.setXAxisMin(x.low()).setXAxisMax(x.high()).setYAxisMin(y.low()).setYAxisMax(y.high());
    styler.setChartTitleVisible(false).setChartBackgroundColor(Color.WHITE);
    styler.setChartFontColor(Pictures.TEXT).setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false).setPlotContentSize(1);
    styler.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(1));
    styler.setAxisTicksLineVisible(false).setAxisTicksMarksVisible(false);
    styler.setAxisTickLabelsFont(Pictures.LABEL_FONT).setAxisTitleFont(Pictures.LABEL_FONT);
    styler.setAxisTickLabelsColor(Pictures.TEXT);
    styler.setMarkerSize(data.kind() == PlotData.Kind.POINTS ? 8 : 5);
    styler.setLegendVisible(data.series().size() > 1).setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendLayout(XYStyler.LegendLayout.Horizontal).setLegendBorderColor(Color.WHITE);
    styler.setLegendFont(Pictures.LABEL_FONT);
    styler.setYAxisTickLabelsFormattingFunction(y::write);
    if (data.categories().isEmpty()) {
      styler.setXAxisTickLabelsFormattingFunction(x::write);
    } else {
      styler.setXAxisTickLabelsFormattingFunction(place -> category(data.categories(), place));
      styler.setXAxisLabelRotation(90);
    }
  }

  /** Returns the label of a place, and nothing for what XChart puts between two of them. */
  private static String category(List<String> categories, double place) {
    long nearest = Math.round(place);
    boolean isPlace =
        Math.abs(place - nearest) < 1e-6 && nearest >= 0 && nearest < categories.size();
    return isPlace ? Labels.shortened(categories.get((int) nearest), LONGEST_LABEL) : " ";
  }
}
