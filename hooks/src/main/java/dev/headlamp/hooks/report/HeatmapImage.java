package dev.headlamp.hooks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.AxesChartStyler.TextAlignment;
import org.knowm.xchart.style.HeatMapStyler;

/**
 * Draws heat maps as one picture with a light background, at twice the resolution of a plain
 * screen.
 *
 * <p>No screen is needed, but Java must know: where {@code DISPLAY} names a display that cannot be
 * reached, start it with {@code -Djava.awt.headless=true}. The fonts are those of the machine.
 */
public final class HeatmapImage {

  /** How several heat maps share a picture. */
  public enum Arrangement {
    /** Left to right. */
    SIDE_BY_SIDE,
    /** Top to bottom. */
    STACKED
  }

  private static final int MOST_CELLS = 2048;
  private static final int RESOLUTION = 2;
  private static final int TITLE_HEIGHT = 58;
  private static final int MARGIN = 20;
  private static final Color TEXT = new Color(0x1f2933);
  private static final Color MUTED = new Color(0x616e7c);
  private static final Font LABEL_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 16);
  private static final int LABEL_SPACING = LABEL_FONT.getSize() + 2;
  private static final int LONGEST_LABEL = 24;

  private HeatmapImage() {}

  /**
   * Writes heat maps as a PNG file, whole or not at all.
   *
   * @throws IllegalArgumentException if there are none, or one has more than 2048 rows or columns
   * @throws IOException naming the file, if it cannot be written
   */
  public static void writePng(Path file, Arrangement arrangement, List<Heatmap> maps)
      throws IOException {
    BufferedImage image = draw(arrangement, maps);
    AtomicFile.write(
        file,
        out -> {
          // Given a plain stream, ImageIO would keep the picture in a temporary file of its own.
          try (MemoryCacheImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(image, "png", png);
          }
        });
  }

  /**
   * Draws heat maps as one picture, which is the caller's own.
   *
   * @throws IllegalArgumentException if there are none, or one has more than 2048 rows or columns
   */
  public static BufferedImage draw(Arrangement arrangement, List<Heatmap> maps) {
    if (maps.isEmpty()) {
      throw new IllegalArgumentException("a picture needs at least 1 heat map, got none");
    }
    List<Panel> panels = maps.stream().map(Panel::of).toList();
    boolean sideways = arrangement == Arrangement.SIDE_BY_SIDE;
    int width =
        panels.stream().mapToInt(Panel::width).reduce(0, sideways ? Integer::sum : Math::max);
    int height =
        panels.stream().mapToInt(Panel::height).reduce(0, sideways ? Math::max : Integer::sum);
    BufferedImage image =
        new BufferedImage(
            (width + 2 * MARGIN) * RESOLUTION,
            (height + 2 * MARGIN) * RESOLUTION,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, image.getWidth(), image.getHeight());
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.scale(RESOLUTION, RESOLUTION);
      g.translate(MARGIN, MARGIN);
      for (Panel panel : panels) {
        panel.paint((Graphics2D) g.create());
        g.translate(sideways ? panel.width() : 0, sideways ? 0 : panel.height());
      }
    } finally {
      g.dispose();
    }
    return image;
  }

  /** One heat map below its title; sizes in pixels of a plain screen. */
  private record Panel(Heatmap map, int cell, int width, int height) {

    static Panel of(Heatmap map) {
      int rows = checked(map.rows());
      int columns = checked(map.columns());
      int cell = Math.max(1, Math.min(32, 900 / Math.max(rows, columns)));
      int charWidth = 7;
      int rowLabels = Math.min(Labels.widest(map.rows().labels()), LONGEST_LABEL) * charWidth;
      int columnLabels =
          isRotated(map, cell)
              ? Math.min(Labels.widest(map.columns().labels()), LONGEST_LABEL) * charWidth
              : LABEL_SPACING;
      return new Panel(
          map,
          cell,
          columns * cell + rowLabels + 140,
          rows * cell + columnLabels + TITLE_HEIGHT + 50);
    }

    void paint(Graphics2D g) {
      g.setColor(TEXT);
      g.setFont(TITLE_FONT);
      g.drawString(Labels.visible(map.title()), 8, 18);
      g.setColor(MUTED);
      g.setFont(LABEL_FONT);
      g.drawString(Labels.visible(map.array().unit()), 8, 38);
      g.translate(0, TITLE_HEIGHT - 10);
      chart().paint(g, width, height - TITLE_HEIGHT);
      g.dispose();
    }

    private HeatMapChart chart() {
      HeatMapChart chart =
          new HeatMapChartBuilder()
              .width(width)
              .height(height - TITLE_HEIGHT)
              .xAxisTitle(Labels.visible(map.columns().name()))
              .yAxisTitle(Labels.visible(map.rows().name()))
              .build();
      style(chart.getStyler());
      // XChart counts rows from the bottom.
      List<String> rowLabels = new ArrayList<>(shown(map.rows()));
      Collections.reverse(rowLabels);
      chart.addSeries(map.title(), shown(map.columns()), rowLabels, cells());
      return chart;
    }

    /** Lists {column, row from the bottom, value}; a value that is absent shows the background. */
    private List<Number[]> cells() {
      List<Number[]> cells = new ArrayList<>();
      int rows = map.rows().length();
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < map.columns().length(); column++) {
          double value = map.array().value(row, column);
          cells.add(Double.isNaN(value) ? null : new Number[] {column, rows - 1 - row, value});
        }
      }
      return cells;
    }

    private void style(HeatMapStyler styler) {
      ColorScale scale = map.scale();
      styler.setRangeColors(scale.palette().stops().stream().map(Color::new).toArray(Color[]::new));
      styler.setMin(scale.low()).setMax(scale.high());
      styler.setGradientColorColumnHeight(Math.max(60, map.rows().length() * cell - 30));
      styler.setGradientColorColumnWeight(14);
      styler.setLegendBorderColor(Color.WHITE).setLegendFont(LABEL_FONT);
      styler.setChartTitleVisible(false).setChartBackgroundColor(Color.WHITE);
      styler.setPlotBackgroundColor(new Color(ColorScale.ABSENT_RGB));
      styler.setPlotBorderVisible(false).setPlotContentSize(1);
      styler.setPlotGridLinesVisible(false).setPlotMargin(0);
      styler.setAxisTickLabelsFont(LABEL_FONT).setAxisTitleFont(LABEL_FONT);
      styler.setAxisTickLabelsColor(TEXT).setAxisTicksLineVisible(false);
      styler.setAxisTicksMarksVisible(false).setAxisTickMarkLength(0);
      styler.setXAxisTickMarkSpacingHint(LABEL_SPACING).setYAxisTickMarkSpacingHint(LABEL_SPACING);
      styler.setXAxisLabelRotation(isRotated(map, cell) ? 90 : 0);
      styler.setXAxisLabelAlignmentVertical(TextAlignment.Right);
      styler.setYAxisLabelAlignment(TextAlignment.Right);
      styler.setAxisTickMarksStroke(new BasicStroke(0.5f)).setChartFontColor(TEXT);
    }

    private static boolean isRotated(Heatmap map, int cell) {
      return Labels.widest(map.columns().labels()) > 3 || cell < 24;
    }

    private static List<String> shown(Axis axis) {
      return axis.labels().stream().map(label -> Labels.shortened(label, LONGEST_LABEL)).toList();
    }

    private static int checked(Axis axis) {
      if (axis.length() > MOST_CELLS) {
        throw new IllegalArgumentException(
            "axis '%s' has %d labels; a picture holds at most %d"
                .formatted(axis.name(), axis.length(), MOST_CELLS));
      }
      return axis.length();
    }
  }
}
