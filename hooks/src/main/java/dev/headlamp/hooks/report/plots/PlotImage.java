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
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws plots, with XChart's marks, as pictures of the kind that {@link Pictures} says. */
public final class PlotImage {

  private static final int WIDTH = 560;
  private static final int HEIGHT = 320;
  private static final int MARGIN = 20;
  private static final int LEFT = 64;
  private static final int Y_LABEL = 52;

  /** How far XChart's drawing reaches beyond the plot, so that points at its ends are whole. */
  private static final int BLEED = 8;

  private static final int OPAQUE = 255;
  private static final int TRANSLUCENT = 160;
  private static final Color CLEAR = new Color(255, 255, 255, 0);

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
    PlotData data = PlotData.of(plot);
    PlotFrame frame = new PlotFrame(data, WIDTH, HEIGHT);
    int width = Math.max(LEFT + WIDTH, Pictures.headerWidth(plot.title(), plot.caption()));
    // Bars stand on the axis, and are cut there.
    int bleed = data.kind() == PlotData.Kind.BARS ? 0 : BLEED;
    XYChart chart = chart(data, bleed);
    return Pictures.paint(
        width + 2 * MARGIN,
        Pictures.HEADER_HEIGHT + HEIGHT + frame.heightBelow() + 2 * MARGIN,
        g -> {
          g.translate(MARGIN, MARGIN);
          Pictures.paintHeader(g, plot.title(), plot.caption());
          g.translate(LEFT, Pictures.HEADER_HEIGHT + BLEED);
          frame.paint(g, Y_LABEL);
          g.translate(-bleed, -bleed);
          chart.paint(g, WIDTH + 2 * bleed, HEIGHT + 2 * bleed);
        });
  }

  private static XYChart chart(PlotData data, int bleed) {
    XYChart chart = new XYChartBuilder().build();
    style(chart.getStyler());
    Ticks y = data.yTicks();
    double xBleed = bleed * (data.xHigh() - data.xLow()) / WIDTH;
    double yBleed = bleed * (y.high() - y.low()) / HEIGHT;
    chart.getStyler().setXAxisMin(data.xLow() - xBleed).setXAxisMax(data.xHigh() + xBleed);
    chart.getStyler().setYAxisMin(y.low() - yBleed).setYAxisMax(y.high() + yBleed);
    for (PlotData.Series series : data.series()) {
      add(chart, data.kind(), series);
    }
    return chart;
  }

  /** Leaves of XChart's picture the marks, which then fill it. */
  private static void style(XYStyler styler) {
    styler.setChartTitleVisible(false).setLegendVisible(false).setChartPadding(0);
    styler.setChartBackgroundColor(CLEAR).setPlotBackgroundColor(CLEAR);
    styler.setPlotBorderVisible(false).setPlotContentSize(1);
    styler.setPlotGridLinesVisible(false).setPlotMargin(0);
    styler.setXAxisTicksVisible(false).setYAxisTicksVisible(false);
    styler.setAxisTitlesVisible(false);
  }

  private static void add(XYChart chart, PlotData.Kind kind, PlotData.Series series) {
    List<PlotData.Point> points =
        kind == PlotData.Kind.POINTS
            ? series.points().stream().filter(PlotData.Point::isDrawn).toList()
            : series.points();
    if (points.stream().noneMatch(PlotData.Point::isDrawn)) {
      return; // XChart refuses a series without a place
    }
    XYSeries marks =
        chart.addSeries(
            Labels.visible(series.name()),
            points.stream().mapToDouble(PlotData.Point::x).toArray(),
            points.stream().mapToDouble(p -> p.isDrawn() ? p.y() : Double.NaN).toArray());
    boolean isLine = kind == PlotData.Kind.LINES;
    marks.setXYSeriesRenderStyle(renderStyle(kind));
    marks.setMarker(kind == PlotData.Kind.BARS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
    marks.setMarkerColor(color(series, isLine ? OPAQUE : TRANSLUCENT));
    marks.setLineStyle(isLine ? new BasicStroke(2) : SeriesLines.NONE);
    marks.setLineColor(color(series, OPAQUE));
    marks.setFillColor(color(series, TRANSLUCENT));
    chart.getStyler().setMarkerSize(kind == PlotData.Kind.POINTS ? 8 : 5);
  }

  private static XYSeriesRenderStyle renderStyle(PlotData.Kind kind) {
    return switch (kind) {
      case BARS -> XYSeriesRenderStyle.StepArea;
      case LINES -> XYSeriesRenderStyle.Line;
      case POINTS -> XYSeriesRenderStyle.Scatter;
    };
  }

  private static Color color(PlotData.Series series, int alpha) {
    return new Color(series.rgb() | alpha << 24, true);
  }
}
