package dev.headlamp.hooks.report;

import java.awt.AWTError;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * What all pictures drawn here have in common: a light background, twice the resolution of a plain
 * screen, and the same fonts. Sizes are pixels of a plain screen.
 *
 * <p>No screen is needed, but Java must know: where {@code DISPLAY} names a display that cannot be
 * reached, start it with {@code -Djava.awt.headless=true}. The fonts are those of the machine.
 */
public final class Pictures {

  /** For labels. */
  public static final Font LABEL_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  /** For what stands above a picture. */
  public static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 16);

  /** The colour of text. */
  public static final Color TEXT = new Color(0x1f2933);

  /** The colour of text that stands back. */
  public static final Color MUTED = new Color(0x616e7c);

  /** What {@link #paintHeader} takes of the height of a picture. */
  public static final int HEADER_HEIGHT = 48;

  private static final int RESOLUTION = 2;
  private static final int INDENT = 8;
  private static final int TITLE_BASELINE = 18;
  private static final int SUBTITLE_BASELINE = 38;
  private static final int TITLE_CHARACTER_WIDTH = 11;
  private static final int CHARACTER_WIDTH = 7;

  private Pictures() {}

  /**
   * Returns a new white picture after {@code painter} has painted on it.
   *
   * @throws IllegalStateException if Java looks for a display that cannot be reached
   */
  public static BufferedImage paint(int width, int height, Consumer<Graphics2D> painter) {
    BufferedImage image =
        new BufferedImage(RESOLUTION * width, RESOLUTION * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = canvasOf(image);
    try {
      g.scale(RESOLUTION, RESOLUTION);
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, width, height);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      painter.accept(g);
    } finally {
      g.dispose();
    }
    return image;
  }

  /**
   * Writes a picture as a PNG file, whole or not at all, replacing a file that is there.
   *
   * @throws IOException naming the file, if it cannot be written
   */
  public static void writePng(Path file, BufferedImage image) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          // Given a plain stream, ImageIO would keep the picture in a temporary file of its own.
          try (MemoryCacheImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(image, "png", png);
          }
        });
  }

  /** Returns a width that a title and a subtitle fit into. */
  public static int headerWidth(String title, String subtitle) {
    int titleWidth = Labels.columns(Labels.visible(title)) * TITLE_CHARACTER_WIDTH;
    int subtitleWidth = Labels.columns(Labels.visible(subtitle)) * CHARACTER_WIDTH;
    return INDENT + Math.max(titleWidth, subtitleWidth);
  }

  /** Paints a title and a subtitle, which may hold any character, at the origin. */
  public static void paintHeader(Graphics2D g, String title, String subtitle) {
    g.setColor(TEXT);
    g.setFont(TITLE_FONT);
    g.drawString(Labels.visible(title), INDENT, TITLE_BASELINE);
    g.setColor(MUTED);
    g.setFont(LABEL_FONT);
    g.drawString(Labels.visible(subtitle), INDENT, SUBTITLE_BASELINE);
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
}
