package dev.headlamp.hooks.report.attention;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.Pictures;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Draws the patterns of all heads as one picture, a row for each layer and a column for each head.
 * Where a pattern has more positions than its place has pixels, a pixel shows the mean of those it
 * stands for.
 */
public final class HeadGridImage {

  private static final int SIDE = 64;
  private static final int MOST_PIXELS = 2 * SIDE;
  private static final int GAP = 6;
  private static final int MARGIN = 20;
  private static final int LABELS = 40;
  private static final Color LINE = new Color(0xdde3e9);

  private HeadGridImage() {}

  /**
   * Writes the picture as a PNG file, whole or not at all, replacing a file that is there.
   *
   * @throws IllegalStateException if Java looks for a display that cannot be reached
   * @throws IOException naming the file, if it cannot be written
   */
  public static void writePng(Path file, AttentionPatterns patterns) throws IOException {
    Pictures.writePng(file, draw(patterns));
  }

  /**
   * Draws the picture, which is the caller's own.
   *
   * @throws IllegalStateException if Java looks for a display that cannot be reached
   */
  public static BufferedImage draw(AttentionPatterns patterns) {
    int layers = patterns.layerAxis().length();
    int heads = patterns.headAxis().length();
    int header = Pictures.headerWidth(patterns.title(), subtitle(patterns));
    int width = 2 * MARGIN + Math.max(LABELS + heads * (SIDE + GAP), header);
    int height = 2 * MARGIN + Pictures.HEADER_HEIGHT + layers * (SIDE + GAP) + LABELS / 2;
    return Pictures.paint(width, height, g -> paint(g, patterns));
  }

  private static void paint(Graphics2D g, AttentionPatterns patterns) {
    Axis layers = patterns.layerAxis();
    Axis heads = patterns.headAxis();
    g.translate(MARGIN, MARGIN);
    Pictures.paintHeader(g, patterns.title(), subtitle(patterns));
    g.translate(LABELS, Pictures.HEADER_HEIGHT);
    double[] numbers = patterns.array().values();
    int matrix = patterns.tokens().size() * patterns.tokens().size();
    for (int layer = 0; layer < layers.length(); layer++) {
      int y = layer * (SIDE + GAP);
      drawRight(g, Labels.shortened(layers.label(layer), 4), -GAP - 2, y + SIDE / 2 + 4);
      for (int head = 0; head < heads.length(); head++) {
        int x = head * (SIDE + GAP);
        int start = (layer * heads.length() + head) * matrix;
        g.drawImage(pattern(patterns, numbers, start), x, y, SIDE, SIDE, null);
        g.setColor(LINE);
        g.drawRect(x, y, SIDE, SIDE);
        g.setColor(Pictures.MUTED);
      }
    }
    int below = layers.length() * (SIDE + GAP) + 12;
    for (int head = 0; head < heads.length(); head++) {
      String label = Labels.shortened(heads.label(head), 8);
      int width = g.getFontMetrics().stringWidth(label);
      g.drawString(label, head * (SIDE + GAP) + (SIDE - width) / 2, below);
    }
  }

  private static String subtitle(AttentionPatterns patterns) {
    return patterns.layerAxis().name() + " (down), " + patterns.headAxis().name() + " (right)";
  }

  private static void drawRight(Graphics2D g, String label, int x, int y) {
    g.drawString(label, x - g.getFontMetrics().stringWidth(label), y);
  }

  /** Returns the matrix that begins at {@code start}, at most a pixel for each of its cells. */
  private static BufferedImage pattern(AttentionPatterns patterns, double[] numbers, int start) {
    int positions = patterns.tokens().size();
    int pixels = Math.min(positions, MOST_PIXELS);
    BufferedImage image = new BufferedImage(pixels, pixels, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < pixels; row++) {
      for (int column = 0; column < pixels; column++) {
        double sum = 0;
        int count = 0;
        for (int dest = from(row, positions, pixels);
            dest < from(row + 1, positions, pixels);
            dest++) {
          for (int source = from(column, positions, pixels);
              source < from(column + 1, positions, pixels);
              source++) {
            sum += numbers[start + dest * positions + source];
            count++;
          }
        }
        image.setRGB(column, row, patterns.scale().rgb(sum / count));
      }
    }
    return image;
  }

  /** Returns the first position that a pixel stands for. */
  private static int from(int pixel, int positions, int pixels) {
    return (int) ((long) pixel * positions / pixels);
  }
}
