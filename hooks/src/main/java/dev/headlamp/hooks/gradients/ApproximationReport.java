package dev.headlamp.hooks.gradients;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.ReportSection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * Estimated effects beside measured ones: how well the estimate does, and where it does worst. An
 * effect that either lacks is left out.
 *
 * @param estimated the estimates
 * @param measured the measured effects, with the same axes
 */
public record ApproximationReport(LabelledArray estimated, LabelledArray measured) {

  private static final int LISTED = 10;

  /**
   * One patch.
   *
   * @param labels one label for each axis, outermost first
   * @param estimated its estimated effect
   * @param measured its measured effect
   */
  public record Departure(List<String> labels, double estimated, double measured) {

    /** Copies the labels. */
    public Departure {
      labels = List.copyOf(labels);
    }
  }

  /**
   * Checks that the effects are of the same patches.
   *
   * @throws IllegalArgumentException if the axes differ
   */
  public ApproximationReport {
    if (!estimated.axes().equals(measured.axes())) {
      throw new IllegalArgumentException(
          "estimates and measurements of the same patches are needed, not %s and %s"
              .formatted(estimated, measured));
    }
  }

  /** Returns Pearson's correlation; NaN where it is undefined, because one side is constant. */
  public double pearson() {
    return correlation(new PearsonsCorrelation()::correlation);
  }

  /**
   * Returns Spearman's rank correlation, equal effects sharing the mean of their ranks; NaN where
   * it is undefined, because one side is constant.
   */
  public double rankCorrelation() {
    return correlation(new SpearmansCorrelation()::correlation);
  }

  private double correlation(ToDoubleBiFunction<double[], double[]> correlation) {
    double[] both = difference().values();
    double[] x = present(estimated.values(), both);
    double[] y = present(measured.values(), both);
    return x.length < 2 ? Double.NaN : correlation.applyAsDouble(x, y);
  }

  private static double[] present(double[] values, double[] both) {
    return IntStream.range(0, values.length)
        .filter(i -> !Double.isNaN(both[i]))
        .mapToDouble(i -> values[i])
        .toArray();
  }

  /** Returns the estimate less the measurement, absent where either is. */
  public LabelledArray difference() {
    double[] difference = estimated.values();
    double[] subtracted = measured.values();
    Arrays.setAll(difference, i -> difference[i] - subtracted[i]);
    return LabelledArray.of("estimated - measured", estimated.unit(), estimated.axes(), difference);
  }

  /**
   * Returns the {@code n} patches whose estimate is farthest from the measurement, the farthest
   * first; fewer if there are fewer.
   *
   * @throws IllegalArgumentException if {@code n} is negative
   */
  public List<Departure> worst(int n) {
    return difference().top(n).stream().map(cell -> departure(cell.labels())).toList();
  }

  private Departure departure(List<String> labels) {
    int[] index =
        IntStream.range(0, labels.size())
            .map(i -> estimated.axes().get(i).indexOf(labels.get(i)))
            .toArray();
    return new Departure(labels, estimated.value(index), measured.value(index));
  }

  /** Returns the estimates, the measurements and their difference, to be written to one file. */
  public List<LabelledArray> arrays() {
    return List.of(estimated, measured, difference());
  }

  /** Returns the correlations and the ten worst estimates as lines of text. */
  public String text() {
    long compared = difference().stream().filter(value -> !Double.isNaN(value)).count();
    StringBuilder out = new StringBuilder();
    out.append("%s\nagainst %s, in %s\n".formatted(estimated.name(), measured.name(), unit()))
        .append(
            "%d patches, Pearson correlation %s, rank correlation %s\n\n"
                .formatted(compared, decimals(pearson()), decimals(rankCorrelation())));
    String header = String.join(", ", estimated.axes().stream().map(Axis::name).toList());
    List<Departure> worst = worst(LISTED);
    int width =
        Math.max(
            Labels.columns(header),
            worst.stream().mapToInt(node -> Labels.columns(place(node))).max().orElse(0));
    appendRow(out, header, width, "estimated", "measured");
    for (Departure node : worst) {
      appendRow(out, place(node), width, decimals(node.estimated()), decimals(node.measured()));
    }
    return out.toString();
  }

  private String unit() {
    return estimated.unit();
  }

  private static String place(Departure node) {
    return Labels.visible(String.join(", ", node.labels()));
  }

  private static void appendRow(
      StringBuilder out, String place, int width, String estimated, String measured) {
    String padding = " ".repeat(width - Labels.columns(place));
    out.append("%s%s  %11s  %11s\n".formatted(place, padding, estimated, measured));
  }

  private static String decimals(double value) {
    return Double.isNaN(value) ? "undefined" : String.format(Locale.ROOT, "%.4f", value);
  }

  /**
   * Returns this as parts of a page: the text, and, for effects of two axes, heat maps of the
   * estimates and the measurements in the same colours.
   */
  public List<ReportSection> sections() {
    List<ReportSection> sections = new ArrayList<>();
    sections.add(new ReportSection.Text("Attribution patching against patching", text()));
    if (estimated.axes().size() == 2) {
      ColorScale scale = ColorScale.divergingOver(0, estimated, measured);
      sections.add(
          new ReportSection.Heatmaps(
              "Effects",
              List.of(
                  Heatmap.of(estimated).withScale(scale), Heatmap.of(measured).withScale(scale))));
    }
    return sections;
  }
}
