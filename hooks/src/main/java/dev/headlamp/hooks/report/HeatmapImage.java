package dev.headlamp.hooks.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToIntFunction;

/** Draws heat maps as one picture, of the kind that {@link Pictures} says. */
public final class HeatmapImage {

  /** How several heat maps share a picture. */
  public enum Arrangement {
    /** Left to right. */
    SIDE_BY_SIDE,
    /** Top to bottom. */
    STACKED
  }

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
    Pictures.writePng(file, draw(arrangement, maps));
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
    return Pictures.paint(
        extent(panels, HeatmapPanel::width, sideways),
        extent(panels, HeatmapPanel::height, !sideways),
        g -> {
          g.translate(MARGIN, MARGIN);
          for (HeatmapPanel panel : panels) {
            panel.paint(g);
            g.translate(sideways ? panel.width() : 0, sideways ? 0 : panel.height());
          }
        });
  }

  private static int extent(
      List<HeatmapPanel> panels, ToIntFunction<HeatmapPanel> size, boolean inARow) {
    int inside = panels.stream().mapToInt(size).reduce(0, inARow ? Integer::sum : Math::max);
    return inside + 2 * MARGIN;
  }
}
