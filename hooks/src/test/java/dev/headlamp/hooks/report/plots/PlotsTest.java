package dev.headlamp.hooks.report.plots;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.fixtures.Browser;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlotsTest {

  private static LabelledArray numbers(String name, double... values) {
    return LabelledArray.of(name, "", List.of(Axis.numbered("prompt", values.length)), values);
  }

  @Test
  void aBinHoldsItsLowerEndAndTheLastOneBoth() {
    Histogram histogram =
        new Histogram("h", List.of(numbers("a", 0, 0.5, 1, 1.999, 2, 3, -0.1, ABSENT)), 0, 2, 2);

    assertThat(histogram.counts(0)).containsExactly(2, 3);
    assertThat(histogram.caption())
        .isEqualTo("5 numbers in 2 bins; 2 lie outside; 1 were not computed");
    assertThat(histogram.arrays())
        .singleElement()
        .satisfies(counts -> assertThat(counts.values()).containsExactly(2, 3));
  }

  @Test
  void aNumberAtAnEdgeOfWhateverBinsFallsIntoTheBinThatBeginsThere() {
    // 0.3 / 0.1 is below 3 in binary fractions, and 0.7 / 0.1 below 7.
    Histogram histogram = new Histogram("h", List.of(numbers("a", 0)), 0, 1, 10);
    double[] edges = new double[10];
    for (int i = 0; i < 10; i++) {
      edges[i] = histogram.edge(i);
    }
    Histogram atEdges = new Histogram("h", List.of(numbers("a", edges)), 0, 1, 10);

    assertThat(atEdges.counts(0)).containsOnly(1).hasSize(10);
  }

  @Test
  void ticksAreRoundAndEncloseTheNumbers() {
    Ticks ticks = Ticks.around(DoubleStream.of(-2.3, 11.9, Double.NaN, Double.POSITIVE_INFINITY));

    assertThat(ticks.values()).containsExactly(-5.0, 0.0, 5.0, 10.0, 15.0);
    assertThat(ticks.values().stream().map(ticks::write))
        .containsExactly("-5", "0", "5", "10", "15");
    assertThat(Ticks.around(DoubleStream.of(0, 3)).write(1.5)).isEqualTo("1.5");
    assertThat(Ticks.around(DoubleStream.of(0, 3e-9)).write(5e-10)).isEqualTo("5.00e-10");
    assertThat(Ticks.around(DoubleStream.of(0.12, 0.31)).values().stream().map(Double::floatValue))
        .containsExactly(0.1f, 0.15f, 0.2f, 0.25f, 0.3f, 0.35f);
  }

  @Test
  void equalNumbersAndNoneAtAllStillGiveAnAxis() {
    assertThat(Ticks.around(DoubleStream.of(7, 7)).low()).isLessThan(7);
    assertThat(Ticks.around(DoubleStream.of(7, 7)).high()).isGreaterThan(7);
    assertThat(Ticks.around(DoubleStream.of(0)).values()).contains(0.0).hasSizeBetween(3, 8);
    assertThat(Ticks.around(DoubleStream.empty()).values()).contains(0.0, 1.0);
    assertThat(Ticks.around(DoubleStream.of(-1e308, 1e308)).values()).hasSizeBetween(3, 8);
  }

  @Test
  void pointsStandWhereTheirNumbersSay() {
    LabelledArray line =
        LabelledArray.of("l", "loss", List.of(Axis.of("step", "0", "10", "40")), 0, 1, 4);

    String svg = LinePlot.of(line).markup("x");

    // Both axes run from 0 to their last number, so the ends are the corners of the plot: the left
    // one at 64, the right one at 64 + 520, the lower one at 10 + 300.
    assertThat(svg)
        .contains("d=\"M64.00 310.00L194.00 235.00L584.00 10.00\"")
        .contains("data-x=\"10.0\" data-y=\"1.0\" data-tip=\"1.0\nstep 10\" cx=\"194.00\"");
  }

  @Test
  void aLineIsInterruptedWhereANumberIsAbsent() {
    String svg = LinePlot.of(numbers("l", 0, 1, ABSENT, 1)).markup("x");

    assertThat(svg).containsPattern("d=\"M[\\d. ]+L[\\d. ]+M[\\d. ]+\"");
  }

  @Test
  void theBrowserHoldsEveryPointAndShowsWhatItIs(@TempDir Path folder) throws Exception {
    List<Axis> axes = List.of(Axis.numbered("layer", 2), Axis.numbered("head", 2));
    LabelledArray x = LabelledArray.of("estimate", "", axes, 0.1, 0.2, ABSENT, 0.4);
    LabelledArray y = LabelledArray.of("effect", "logits", axes, 1, 2, 3, -4);
    ScatterPlot scatter = new ScatterPlot("Heads <all>", x, y);
    HtmlReport report =
        new HtmlReport(
            "Plots", Map.of(), List.of(new ReportSection.Figures("Plots", List.of(scatter))));
    String point =
        """
        document.querySelectorAll(".mark")[2].dispatchEvent(
          new PointerEvent("pointerover", {bubbles: true}));
        """;
    String page = Browser.orSkip(folder).openedWith(report.html(), point);

    assertThat(scatter.caption()).isEqualTo("1 of 4 points have no finite place");
    assertThat(Browser.attributes(page, "data-x")).containsExactly("0.1", "0.2", "0.4");
    assertThat(Browser.attributes(page, "data-y")).containsExactly("1.0", "2.0", "-4.0");
    assertThat(page).contains("<strong>layer 1, head 1</strong>estimate: 0.4\neffect: -4.0<");
  }

  @Test
  void aPictureShowsTheBars(@TempDir Path folder) throws Exception {
    Histogram histogram = new Histogram("h", List.of(numbers("a", 0.5, 0.5, 1.5)), 0, 2, 2);
    Path file = folder.resolve("h.png");

    PlotImage.writePng(file, histogram);

    BufferedImage image = ImageIO.read(file.toFile());
    int[] heights = IntStream.range(0, image.getWidth()).map(x -> bluePixels(image, x)).toArray();
    int tallest = Arrays.stream(heights).max().orElseThrow();
    long two = Arrays.stream(heights).filter(height -> height > 0.9 * tallest).count();
    long one =
        Arrays.stream(heights)
            .filter(height -> Math.abs(height - tallest / 2) < 0.05 * tallest)
            .count();
    assertThat(tallest).isGreaterThan(300);
    assertThat(two).as("width of the bar of two").isGreaterThan(300).isBetween(one - 20, one + 20);
    // The plot is 560 wide, 84 from the left, at two pixels each; the bars meet at the middle tick.
    int middle = 2 * (84 + 280);
    assertThat(heights[middle - 4]).isGreaterThan((int) (0.9 * tallest));
    assertThat(heights[middle + 4]).isLessThan((int) (0.6 * tallest));
  }

  /** Counts pixels of a column in the colour of the bars, 0x4e79a7 on white and see-through. */
  private static int bluePixels(BufferedImage image, int x) {
    return (int)
        IntStream.range(0, image.getHeight())
            .map(y -> (image.getRGB(x, y) & 0xff) - (image.getRGB(x, y) >> 16 & 0xff))
            .filter(bluer -> bluer > 40 && bluer < 70)
            .count();
  }

  @Test
  void whateverCanBePlottedCanBeDrawn() {
    LabelledArray words =
        LabelledArray.of(
            "w",
            "",
            List.of(Axis.of("series", "a", "none"), Axis.of("token", "", " \n", "<x>")),
            1,
            ABSENT,
            3,
            ABSENT,
            ABSENT,
            ABSENT);

    assertThat(PlotImage.draw(LinePlot.of(words)).getWidth()).isGreaterThan(1000);
    assertThat(PlotImage.draw(new ScatterPlot("s", words, words)).getWidth()).isGreaterThan(1000);
    assertThat(LinePlot.of(words).markup("x")).contains(">&lt;x&gt;</text>", "> \\n</text>");
    LabelledArray nothing = numbers("n", ABSENT);
    assertThat(PlotImage.draw(Histogram.of("h", 3, nothing)).getWidth()).isGreaterThan(1000);
    assertThat(PlotImage.draw(LinePlot.of(nothing)).getWidth()).isGreaterThan(1000);
  }

  @Test
  void whatIsNoPlotIsRefused() {
    LabelledArray a = numbers("a", 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Histogram("h", List.of(a), 1, 1, 3))
        .withMessageContaining("got 1.0 to 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Histogram("h", List.of(a), 0, 1, 0))
        .withMessage("'h' cannot have 0 bins; ask for 1 to 2000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Histogram.of("h", 3, a, a))
        .withMessageContaining("series of the same name among [a, a]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScatterPlot("s", a, numbers("b", 1)))
        .withMessageContaining("got a[prompt=2] and b[prompt=1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinePlot.of(numbers("many", new double[50_001])))
        .withMessage("'many' has 50001 points; a plot shows at most 50000");
  }
}
