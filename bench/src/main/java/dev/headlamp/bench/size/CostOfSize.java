package dev.headlamp.bench.size;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Time against each size, as rows and as a plot. */
public final class CostOfSize {

  private static final int PLOTS_IN_A_ROW = 3;
  private static final int PLOT_WIDTH = 420;
  private static final int PLOT_HEIGHT = 320;

  private CostOfSize() {}

  /**
   * Measures every series.
   *
   * @param plot the PNG file to write
   */
  public static List<Row> measure(Forks forks, Path plot) throws IOException {
    List<Row> rows = new ArrayList<>();
    List<XYChart> charts = new ArrayList<>();
    for (Series series : Series.ALL) {
      List<Double> times =
          series.values().stream().map(value -> milliseconds(forks, series, value)).toList();
      rows.add(
          Row.beside(
              series.title()
                  + " "
                  + series.values().stream()
                      .map(String::valueOf)
                      .collect(Collectors.joining(" / ")),
              times.stream()
                  .map(time -> String.format(Locale.ROOT, "%.1f", time))
                  .collect(Collectors.joining(" / ", "", " ms"))));
      charts.add(chart(series, times));
    }
    BitmapEncoder.saveBitmap(
        charts,
        charts.size() / PLOTS_IN_A_ROW,
        PLOTS_IN_A_ROW,
        plot.toString(),
        BitmapEncoder.BitmapFormat.PNG);
    return rows;
  }

  private static double milliseconds(Forks forks, Series series, int value) {
    Measurement measurement =
        Measurement.of(SizeBenchmark.class, series.method())
            .with(series.parameter(), value)
            .iterations(1, 2)
            .each(Duration.ofSeconds(1));
    return forks.run(forks.effort() == Effort.QUICK ? small(measurement) : measurement).median();
  }

  /** Shrinks the sizes that do not vary. */
  private static Measurement small(Measurement measurement) {
    Map<String, Integer> sizes = Map.of("vocabulary", 101, "layers", 2, "width", 96, "heads", 3);
    Measurement small = measurement;
    for (Map.Entry<String, Integer> size : sizes.entrySet()) {
      if (!measurement.parameters().containsKey(size.getKey())) {
        small = small.with(size.getKey(), size.getValue());
      }
    }
    return small;
  }

  private static XYChart chart(Series series, List<Double> times) {
    XYChart chart =
        new XYChartBuilder()
            .width(PLOT_WIDTH)
            .height(PLOT_HEIGHT)
            .title(series.title())
            .xAxisTitle(series.parameter())
            .yAxisTitle("ms")
            .build();
    chart
        .getStyler()
        .setXAxisLogarithmic(true)
        .setXAxisLogarithmicDecadeOnly(false)
        .setXAxisTickLabelsFormattingFunction(CostOfSize::tickLabel)
        .setYAxisLogarithmic(true)
        .setYAxisLogarithmicDecadeOnly(false)
        .setYAxisTickLabelsFormattingFunction(CostOfSize::tickLabel)
        .setLegendPosition(Styler.LegendPosition.InsideSE);
    chart.addSeries("measured", series.values(), times);
    // What it would be if it grew as the size does, through the last point.
    int last = times.size() - 1;
    double each = times.get(last) / series.values().get(last);
    chart
        .addSeries(
            "in proportion",
            series.values(),
            IntStream.rangeClosed(0, last).mapToObj(i -> each * series.values().get(i)).toList())
        .setMarker(SeriesMarkers.NONE);
    return chart;
  }

  /** Labels 1, 2 and 5 of each decade: all nine would overlap. */
  private static String tickLabel(double value) {
    String digits = String.valueOf(Math.round(value));
    return "125".indexOf(digits.charAt(0)) >= 0 ? digits : "";
  }
}
