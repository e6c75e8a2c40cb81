package dev.headlamp.hooks.report;

import java.awt.AWTError;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToIntFunction;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

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

  private static final int RESOLUTION = 2;
  private static final int MARGIN = 20;

  private HeatmapImage() {}

  /**
   * Writes heat maps as a PNG file, whole or not at all, replacing a file that is there.
   *
   * @throws IllegalArgumentException if there are none, or one has more than 2048 rows or columns
   * @throws IllegalStateException if Java looks for a display that cannot be reached
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
   * @throws IllegalStateException if Java looks for a display that cannot be reached
   */
  public static BufferedImage draw(Arrangement arrangement, List<Heatmap> maps) {
    if (maps.isEmpty()) {
      throw new IllegalArgumentException("a picture needs at least 1 heat map, got none");
    }
    List<HeatmapPanel> panels = maps.stream().map(HeatmapPanel::of).toList();
    boolean sideways = arrangement == Arrangement.SIDE_BY_SIDE;
    int width = extent(panels, HeatmapPanel::width, sideways);
    int height = extent(panels, HeatmapPanel::height, !sideways);
    BufferedImage image =
        new BufferedImage(RESOLUTION * width, RESOLUTION * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = canvasOf(image);
    try {
      g.scale(RESOLUTION, RESOLUTION);
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, width, height);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.translate(MARGIN, MARGIN);
      for (HeatmapPanel panel : panels) {
        panel.paint(g);
        g.translate(sideways ? panel.width() : 0, sideways ? 0 : panel.height());
      }
    } finally {
      g.dispose();
    }
    return image;
  }

  private static Graphics2D canvasOf(BufferedImage image) {
    try {
      return image.createGraphics();
    } catch (AWTError e) {
      throw new IllegalStateException(
          "cannot draw: the display that DISPLAY names cannot be reached;"
              + " start Java with -Djava.awt.headless=true",
          e);
    }
  }

  private static int extent(
      List<HeatmapPanel> panels, ToIntFunction<HeatmapPanel> size, boolean inARow) {
    int inside = panels.stream().mapToInt(size).reduce(0, inARow ? Integer::sum : Math::max);
    return inside + 2 * MARGIN;
  }
}
