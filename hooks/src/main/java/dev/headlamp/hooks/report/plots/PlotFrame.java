package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.Pictures;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;

/**
 * What stands around the points of a picture: grid, ticks, names of the axes and legend. XChart's
 * own would stand at numbers that are not round. The plot's upper left corner is the origin.
 *
 * @param data what is drawn
 * @param width of the plot
 * @param height of the plot
 */
record PlotFrame(PlotData data, int width, int height) {

  private static final Color GRID = new Color(0xe4e9ee);
  private static final Color ZERO = new Color(0x9aa5b1);
  private static final int LONGEST_LABEL = 16;
  private static final int CHARACTER_WIDTH = 7;
  private static final int LINE = 18;
  private static final int GAP = 8;
  private static final int HALF_TEXT = 4;
  private static final int SWATCH = 11;

  /** Returns what is needed below the plot. */
  int heightBelow() {
    return categoryHeight() + 2 * LINE + (data.namedSeries().isEmpty() ? 0 : LINE + GAP);
  }

  private int categoryHeight() {
    return data.categories().isEmpty()
        ? LINE
        : GAP + Math.min(LONGEST_LABEL, Labels.widest(data.categories())) * CHARACTER_WIDTH;
  }

  /** Paints everything; the name of the axis upwards stands {@code left} of the plot. */
  void paint(Graphics2D g, int left) {
    g.setFont(Pictures.LABEL_FONT);
    paintYTicks(g);
    if (data.categories().isEmpty()) {
      paintXTicks(g);
    } else {
      paintCategories(g);
    }
    g.setColor(Pictures.TEXT);
    int below = height + categoryHeight() + LINE;
    drawCentred(g, Labels.visible(data.xLabel()), width / 2f, below);
    AffineTransform upright = g.getTransform();
    g.translate(-left, height / 2.0);
    g.rotate(-Math.PI / 2);
    drawCentred(g, Labels.visible(data.yLabel()), 0, 0);
    g.setTransform(upright);
    paintLegend(g, below + LINE + GAP);
  }

  private void paintYTicks(Graphics2D g) {
    Ticks ticks = data.yTicks();
    for (double tick : ticks.values()) {
      double y = height - (tick - ticks.low()) / (ticks.high() - ticks.low()) * height;
      paintLine(g, tick, new Line2D.Double(0, y, width, y));
      String label = ticks.write(tick);
      g.setColor(Pictures.MUTED);
      g.drawString(label, -GAP - g.getFontMetrics().stringWidth(label), (float) y + HALF_TEXT);
    }
  }

  private void paintXTicks(Graphics2D g) {
    Ticks ticks = data.xTicks();
    for (double tick : ticks.values()) {
      double x = x(tick);
      paintLine(g, tick, new Line2D.Double(x, 0, x, height));
      g.setColor(Pictures.MUTED);
      drawCentred(g, ticks.write(tick), (float) x, height + LINE);
    }
  }

  /** Paints the labels of the places, turned upwards; some only where there are many. */
  private void paintCategories(Graphics2D g) {
    int count = data.categories().size();
    int step = Math.max(1, (int) Math.ceil(count * (double) LINE / width));
    g.setColor(Pictures.MUTED);
    for (int i = 0; i < count; i += step) {
      String label = Labels.shortened(data.categories().get(i), LONGEST_LABEL);
      AffineTransform upright = g.getTransform();
      g.translate(x(i) + HALF_TEXT, height + GAP);
      g.rotate(-Math.PI / 2);
      g.drawString(label, -g.getFontMetrics().stringWidth(label), 0);
      g.setTransform(upright);
    }
  }

  private void paintLegend(Graphics2D g, int y) {
    int whole = data.namedSeries().stream().mapToInt(series -> legendWidth(g, series.name())).sum();
    int x = 0;
    for (PlotData.Series series : data.namedSeries()) {
      String name = whole <= width ? series.name() : Labels.shortened(series.name(), LONGEST_LABEL);
      g.setColor(new Color(series.rgb()));
      g.fillRect(x, y - SWATCH + 1, SWATCH, SWATCH);
      g.setColor(Pictures.TEXT);
      g.drawString(name, x + SWATCH + GAP, y);
      x += legendWidth(g, name);
    }
  }

  private static int legendWidth(Graphics2D g, String name) {
    return SWATCH + GAP + g.getFontMetrics().stringWidth(name) + 2 * GAP;
  }

  private double x(double value) {
    return (value - data.xLow()) / (data.xHigh() - data.xLow()) * width;
  }

  private static void paintLine(Graphics2D g, double tick, Line2D line) {
    g.setColor(tick == 0 ? ZERO : GRID);
    g.draw(line);
  }

  private static void drawCentred(Graphics2D g, String text, float x, float y) {
    g.drawString(text, x - g.getFontMetrics().stringWidth(text) / 2f, y);
  }
}
