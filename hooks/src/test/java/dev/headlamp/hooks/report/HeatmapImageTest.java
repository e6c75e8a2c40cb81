package dev.headlamp.hooks.report;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.hooks.report.HeatmapImage.Arrangement;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("smoke")
class HeatmapImageTest {

  private static final int BLUE = 0x053061;
  private static final int RED = 0x67001f;
  private static final ColorScale SCALE = ColorScale.diverging(0, 1);

  private static Heatmap corners(Axis columns) {
    double[] values = new double[2 * columns.length()];
    values[0] = 1;
    values[columns.length() - 1] = ABSENT;
    values[values.length - 1] = -1;
    LabelledArray array =
        LabelledArray.of("corners", "", List.of(Axis.numbered("layer", 2), columns), values);
    return Heatmap.of(array).withScale(SCALE);
  }

  private static Heatmap corners() {
    return corners(Axis.numbered("head", 3));
  }

  /** Returns where the cell of a colour lies: as a solid block of it, which no colour bar has. */
  private static Rectangle cellOf(int rgb, BufferedImage image) {
    int side = 40;
    Rectangle found = new Rectangle(-1, -1);
    for (int y = 0; y + side < image.getHeight(); y++) {
      for (int x = 0; x + side < image.getWidth(); x++) {
        if (isSolid(rgb, image, x, y, side)) {
          found.add(new Rectangle(x, y, side, side));
        }
      }
    }
    assertThat(found.isEmpty()).as("a cell of colour #%06x", rgb).isFalse();
    return found;
  }

  private static boolean isSolid(int rgb, BufferedImage image, int x, int y, int side) {
    for (int step = 0; step < side; step += 3) {
      if ((image.getRGB(x + step, y + step) & 0xffffff) != rgb
          || (image.getRGB(x + side - step, y + step) & 0xffffff) != rgb) {
        return false;
      }
    }
    return true;
  }

  @Test
  void aValueJustBelowTheEndOfItsScaleOrBeyondItHasTheColourOfTheEnd() {
    for (double value : new double[] {Math.nextDown(1.0), 2}) {
      LabelledArray array =
          LabelledArray.of(
              "ends",
              "",
              List.of(Axis.numbered("layer", 1), Axis.numbered("head", 2)),
              value,
              -value);
      Heatmap map = Heatmap.of(array).withScale(SCALE);
      BufferedImage image = HeatmapImage.draw(Arrangement.STACKED, List.of(map));

      assertThat(cellOf(BLUE, image).getMaxX()).isLessThan(cellOf(RED, image).getMinX());
    }
  }

  @Test
  void theFirstRowIsOnTopAndTheFirstColumnAtTheLeft() {
    BufferedImage image = HeatmapImage.draw(Arrangement.STACKED, List.of(corners()));

    Rectangle first = cellOf(BLUE, image);
    Rectangle last = cellOf(RED, image);
    Rectangle absent = cellOf(ColorScale.ABSENT_RGB, image);
    assertThat(first.getMaxX()).isLessThan(last.getMinX());
    assertThat(first.getMaxY()).isLessThan(last.getMinY());
    assertThat(absent.getCenterX()).isEqualTo(last.getCenterX());
    assertThat(absent.getCenterY()).isEqualTo(first.getCenterY());
  }

  @Test
  void panelsStandBesideOrBelowEachOther() {
    BufferedImage one = HeatmapImage.draw(Arrangement.STACKED, List.of(corners()));
    List<Heatmap> two = List.of(corners(), corners());
    BufferedImage wide = HeatmapImage.draw(Arrangement.SIDE_BY_SIDE, two);
    BufferedImage tall = HeatmapImage.draw(Arrangement.STACKED, two);

    assertThat(wide.getHeight()).isEqualTo(one.getHeight());
    assertThat(tall.getWidth()).isEqualTo(one.getWidth());
    int panelWidth = wide.getWidth() - one.getWidth();
    int panelHeight = tall.getHeight() - one.getHeight();
    assertThat(pixels(wide, panelWidth, 0)).isEqualTo(pixels(wide, 0, 0));
    assertThat(pixels(tall, 0, panelHeight)).isEqualTo(pixels(tall, 0, 0));
  }

  /** Returns the pixels of the cells, which lie well within this part of a panel. */
  private static int[] pixels(BufferedImage image, int x, int y) {
    return image.getRGB(x + 60, y + 120, 300, 100, null, 0, 300);
  }

  @Test
  void thePngHoldsThePictureThatIsDrawn(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("heads.png");

    HeatmapImage.writePng(file, Arrangement.STACKED, List.of(corners()));

    BufferedImage read = ImageIO.read(file.toFile());
    BufferedImage drawn = HeatmapImage.draw(Arrangement.STACKED, List.of(corners()));
    assertThat(read.getWidth()).isEqualTo(drawn.getWidth());
    assertThat(pixels(read, 0, 0)).isEqualTo(pixels(drawn, 0, 0));
  }

  @Test
  void anyLabelCanBeDrawn() {
    Axis tokens =
        Axis.of("position", "", " ", "\n", "$x$", "\u0000", "東京", "x".repeat(500), "<|endoftext|>");

    BufferedImage image = HeatmapImage.draw(Arrangement.STACKED, List.of(corners(tokens)));

    assertThat(cellOf(BLUE, image).getMinX()).isPositive();
  }

  @Test
  void aPictureOfWhichNothingWasComputedIsDrawn() {
    LabelledArray array =
        LabelledArray.of("none", "", List.of(Axis.of("layer", "0"), Axis.of("head", "0")), ABSENT);

    BufferedImage image = HeatmapImage.draw(Arrangement.STACKED, List.of(Heatmap.of(array)));

    assertThat(cellOf(ColorScale.ABSENT_RGB, image).getMinX()).isPositive();
  }

  @Test
  void whatIsNoPictureIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeatmapImage.draw(Arrangement.STACKED, List.of()))
        .withMessageContaining("at least 1 heat map");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                HeatmapImage.draw(
                    Arrangement.STACKED, List.of(corners(Axis.numbered("token", 50257)))))
        .withMessageContaining("axis 'token' has 50257 labels; a picture holds at most 2048");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Heatmap.of(corners().array().slice("layer", 0)))
        .withMessage("a heat map needs 2 axes, but corners[head=3] has 1");
  }
}
