package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What a plot draws, as the page and the PNG both see it.
 *
 * @param kind how points are drawn
 * @param xLabel what stands below the axis to the right
 * @param yLabel what stands beside the axis upwards
 * @param categories the labels of the places 0, 1, ...; empty where places are numbers
 * @param series the points
 */
record PlotData(
    Kind kind, String xLabel, String yLabel, List<String> categories, List<Series> series) {

  static final int MOST_SERIES = 10;
  private static final int MOST_POINTS = 50_000;

  /** Tableau's ten colours, as 0xRRGGBB. */
  private static final List<Integer> COLORS =
      List.of(
          0x4e79a7, 0xf28e2b, 0x59a14f, 0xe15759, 0xb07aa1, 0x76b7b2, 0xedc948, 0x9c755f, 0xff9da7,
          0xbab0ac);

  /** How points are drawn. */
  enum Kind {
    /** A point is a bin's lower end and its count; the last one is the end of the last bin. */
    BARS,
    LINES,
    POINTS
  }

  /** A place, and what is said of it. */
  record Point(double x, double y, String tip) {

    boolean isDrawn() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /** Points of one name and colour. */
  record Series(String name, int rgb, List<Point> points) {}

  static PlotData of(Plot plot) {
    if (plot instanceof Histogram histogram) {
      return ofHistogram(histogram);
    }
    if (plot instanceof LinePlot lines) {
      return ofLines(lines.array());
    }
    ScatterPlot scatter = (ScatterPlot) plot;
    return ofScatter(scatter.x(), scatter.y());
  }

  Ticks xTicks() {
    return Ticks.around(drawn().mapToDouble(Point::x));
  }

  /** Returns the series for a legend, which one alone does not need. */
  List<Series> namedSeries() {
    return series.size() == 1 ? List.of() : series;
  }

  /** Returns where the axis to the right begins; categories have half a place on either side. */
  double xLow() {
    return categories.isEmpty() ? xTicks().low() : -0.5;
  }

  /** Returns where the axis to the right ends. */
  double xHigh() {
    return categories.isEmpty() ? xTicks().high() : categories.size() - 0.5;
  }

  /** Returns the ticks upwards, which for bars begin at 0. */
  Ticks yTicks() {
    DoubleStream heights = drawn().mapToDouble(Point::y);
    return Ticks.around(
        kind == Kind.BARS ? DoubleStream.concat(DoubleStream.of(0, 1), heights) : heights);
  }

  private Stream<Point> drawn() {
    return series.stream().flatMap(s -> s.points().stream()).filter(Point::isDrawn);
  }

  private static PlotData ofHistogram(Histogram histogram) {
    List<Series> series = new ArrayList<>();
    for (int sample = 0; sample < histogram.samples().size(); sample++) {
      List<Integer> counts = histogram.counts(sample);
      List<Point> points = new ArrayList<>();
      for (int bin = 0; bin < counts.size(); bin++) {
        String tip =
            "%d\n%s to %s".formatted(counts.get(bin), histogram.edge(bin), histogram.edge(bin + 1));
        points.add(new Point(histogram.edge(bin), counts.get(bin), tip));
      }
      points.add(new Point(histogram.high(), 0, ""));
      series.add(new Series(histogram.samples().get(sample).name(), COLORS.get(sample), points));
    }
    LabelledArray first = histogram.samples().get(0);
    String xLabel = first.unit().isEmpty() ? first.name() : first.unit();
    return new PlotData(Kind.BARS, xLabel, "count", List.of(), series);
  }

  private static PlotData ofLines(LabelledArray array) {
    boolean single = array.axes().size() == 1;
    Axis x = array.axes().get(single ? 0 : 1);
    List<Optional<Double>> places = x.labels().stream().map(PlotData::number).toList();
    boolean numeric = places.stream().allMatch(Optional::isPresent);
    List<String> names = single ? List.of(array.name()) : array.axes().get(0).labels();
    List<Series> series = new ArrayList<>();
    for (int line = 0; line < names.size(); line++) {
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < x.length(); i++) {
        double y = single ? array.value(i) : array.value(line, i);
        double place = numeric ? places.get(i).orElseThrow() : i;
        points.add(new Point(place, y, "%s\n%s %s".formatted(y, x.name(), x.label(i))));
      }
      series.add(new Series(names.get(line), COLORS.get(line), points));
    }
    String yLabel = array.unit().isEmpty() ? array.name() : array.unit();
    return new PlotData(Kind.LINES, x.name(), yLabel, numeric ? List.of() : x.labels(), series);
  }

  private static PlotData ofScatter(LabelledArray x, LabelledArray y) {
    List<Point> points = new ArrayList<>();
    int[] shape = x.shape();
    for (int i = 0; i < x.size(); i++) {
      int[] index = new int[shape.length];
      List<String> labels = new ArrayList<>();
      for (int axis = shape.length - 1, rest = i; axis >= 0; rest /= shape[axis], axis--) {
        index[axis] = rest % shape[axis];
        Axis along = x.axes().get(axis);
        labels.add(0, along.name() + " " + along.label(index[axis]));
      }
      double right = x.value(index);
      double up = y.value(index);
      String tip =
          "%s\n%s: %s\n%s: %s".formatted(String.join(", ", labels), x.name(), right, y.name(), up);
      points.add(new Point(right, up, tip));
    }
    List<Series> series = List.of(new Series(y.name(), COLORS.get(0), points));
    return new PlotData(Kind.POINTS, axisLabel(x), axisLabel(y), List.of(), series);
  }

  private static String axisLabel(LabelledArray array) {
    return array.unit().isEmpty() ? array.name() : array.name() + " (" + array.unit() + ")";
  }

  private static Optional<Double> number(String label) {
    try {
      double number = Double.parseDouble(label);
      return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  static void checkPoints(String title, int points) {
    if (points > MOST_POINTS) {
      throw new IllegalArgumentException(
          "'%s' has %d points; a plot shows at most %d".formatted(title, points, MOST_POINTS));
    }
  }

  static void checkNames(String title, List<String> names) {
    if (names.isEmpty() || names.size() > MOST_SERIES) {
      throw new IllegalArgumentException(
          "'%s' has %d series; a plot shows 1 to %d".formatted(title, names.size(), MOST_SERIES));
    }
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          "'%s' has series of the same name among %s; names must differ".formatted(title, names));
    }
  }
}
