package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A plot as inline SVG. Every point says what it holds in {@code data-x} and {@code data-y}, and
 * under the pointer.
 */
final class SvgPlot {

  private static final int WIDTH = 520;
  private static final int HEIGHT = 300;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 10;
  private static final int LINE = 16;
  private static final int GAP = 8;
  private static final int LONGEST_LABEL = 16;
  private static final int CHARACTER_WIDTH = 7;
  private static final double BAR_OPACITY = 0.65;

  private final String title;
  private final PlotData data;
  private final Ticks xTicks;
  private final Ticks yTicks;
  private final double xLow;
  private final double xHigh;

  SvgPlot(String title, PlotData data) {
    this.title = title;
    this.data = data;
    this.xTicks = data.xTicks();
    this.yTicks = data.yTicks();
    this.xLow = data.xLow();
    this.xHigh = data.xHigh();
  }

  /** Returns the element {@code svg}, and a legend where there is more than one series. */
  String markup() {
    int below = xLabelHeight() + GAP + LINE + GAP;
    StringBuilder content = new StringBuilder();
    content.append(grid()).append('\n').append(axisLabels()).append('\n');
    for (PlotData.Series series : data.series()) {
      content.append(marks(series)).append('\n');
    }
    String svg =
        new Tag("svg")
            .with("class", "plot")
            .with("role", "img")
            .with("width", LEFT + WIDTH + RIGHT)
            .with("height", TOP + HEIGHT + below)
            .with("viewBox", "0 0 " + (LEFT + WIDTH + RIGHT) + " " + (TOP + HEIGHT + below))
            .with("aria-label", Labels.visible(title))
            .around("\n" + content);
    return new Tag("div").with("class", "scroll").around(svg) + legend() + "\n";
  }

  private String grid() {
    StringBuilder out = new StringBuilder();
    for (double tick : yTicks.values()) {
      String y = number(y(tick));
      out.append(line(tick == 0 ? "zero" : "grid", LEFT + " " + y + "H" + (LEFT + WIDTH)));
      out.append(
          text("tick")
              .with("text-anchor", "end")
              .with("x", LEFT - GAP)
              .with("y", number(y(tick) + 4))
              .text(yTicks.write(tick)));
    }
    if (!data.categories().isEmpty()) {
      return out.append(categories()).toString();
    }
    for (double tick : xTicks.values()) {
      String x = number(x(tick));
      out.append(line(tick == 0 ? "zero" : "grid", x + " " + TOP + "V" + (TOP + HEIGHT)));
      out.append(
          text("tick")
              .with("text-anchor", "middle")
              .with("x", x)
              .with("y", TOP + HEIGHT + LINE)
              .text(xTicks.write(tick)));
    }
    return out.toString();
  }

  /** Returns the labels of the places, turned upwards; some only where there are many. */
  private String categories() {
    StringBuilder out = new StringBuilder();
    int step = Math.max(1, (int) Math.ceil(data.categories().size() * (double) LINE / WIDTH));
    for (int i = 0; i < data.categories().size(); i += step) {
      String place = number(x(i) + 4) + " " + (TOP + HEIGHT + GAP);
      out.append(
          text("tick")
              .with("text-anchor", "end")
              .with("transform", "translate(" + place + ") rotate(-90)")
              .text(Labels.shortened(data.categories().get(i), LONGEST_LABEL)));
    }
    return out.toString();
  }

  private int xLabelHeight() {
    return data.categories().isEmpty()
        ? LINE
        : GAP + Math.min(LONGEST_LABEL, Labels.widest(data.categories())) * CHARACTER_WIDTH;
  }

  private String axisLabels() {
    String x =
        text("axis")
            .with("text-anchor", "middle")
            .with("x", LEFT + WIDTH / 2)
            .with("y", TOP + HEIGHT + xLabelHeight() + GAP + LINE - 4)
            .text(Labels.visible(data.xLabel()));
    String y =
        text("axis")
            .with("text-anchor", "middle")
            .with("transform", "translate(12 " + (TOP + HEIGHT / 2) + ") rotate(-90)")
            .text(Labels.visible(data.yLabel()));
    return x + y;
  }

  private String marks(PlotData.Series series) {
    return switch (data.kind()) {
      case BARS -> bars(series);
      case LINES -> lines(series) + points(series, 2.5);
      case POINTS -> points(series, 4);
    };
  }

  private String bars(PlotData.Series series) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i + 1 < series.points().size(); i++) {
      PlotData.Point bin = series.points().get(i);
      double left = x(bin.x());
      double right = x(series.points().get(i + 1).x());
      // Narrow bars stand close together, wide ones have a line of background between them.
      double width = right - left > 4 ? right - left - 1 : right - left;
      out.append(
          mark("rect", bin, tip(series, bin))
              .with("x", number(left))
              .with("y", number(y(bin.y())))
              .with("width", number(width))
              .with("height", number(y(0) - y(bin.y())))
              .empty());
    }
    return group(series).with("fill-opacity", BAR_OPACITY).around(out.toString());
  }

  private String lines(PlotData.Series series) {
    List<String> parts = new ArrayList<>();
    boolean isJoined = false;
    for (PlotData.Point point : series.points()) {
      if (point.isDrawn()) {
        parts.add((isJoined ? "L" : "M") + number(x(point.x())) + " " + number(y(point.y())));
      }
      isJoined = point.isDrawn();
    }
    return new Tag("path")
        .with("fill", "none")
        .with("stroke", ColorScale.css(series.rgb()))
        .with("stroke-width", 2)
        .with("stroke-linejoin", "round")
        .with("d", String.join("", parts))
        .empty();
  }

  private String points(PlotData.Series series, double radius) {
    StringBuilder out = new StringBuilder();
    for (PlotData.Point point : series.points()) {
      if (point.isDrawn()) {
        out.append(
            mark("circle", point, tip(series, point))
                .with("cx", number(x(point.x())))
                .with("cy", number(y(point.y())))
                .with("r", radius)
                .empty());
      }
    }
    return group(series)
        .with("fill-opacity", data.kind() == PlotData.Kind.POINTS ? BAR_OPACITY : 1)
        .around(out.toString());
  }

  private static Tag group(PlotData.Series series) {
    return new Tag("g").with("fill", ColorScale.css(series.rgb()));
  }

  private static Tag mark(String shape, PlotData.Point point, String tip) {
    return new Tag(shape)
        .with("class", "mark")
        .with("data-x", point.x())
        .with("data-y", point.y())
        .with("data-tip", tip);
  }

  /** Returns what is said of a point: with the name of its series where there are several. */
  private String tip(PlotData.Series series, PlotData.Point point) {
    boolean isNamed = data.namedSeries().contains(series);
    String name = isNamed ? "\n" + Labels.visible(series.name()) : "";
    return point.tip() + name;
  }

  private String legend() {
    StringBuilder out = new StringBuilder();
    for (PlotData.Series series : data.namedSeries()) {
      String colour = "background:" + ColorScale.css(series.rgb());
      out.append(new Tag("span").with("class", "swatch").with("style", colour).text(""));
      out.append(new Tag("span").text(Labels.visible(series.name())));
    }
    return out.isEmpty() ? "" : new Tag("div").with("class", "legend").around(out.toString());
  }

  private static Tag text(String kind) {
    return new Tag("text").with("class", kind);
  }

  private static String line(String kind, String from) {
    return new Tag("path").with("class", kind).with("d", "M" + from).empty();
  }

  private double x(double value) {
    return LEFT + (value - xLow) / (xHigh - xLow) * WIDTH;
  }

  private double y(double value) {
    return TOP + HEIGHT - (value - yTicks.low()) / (yTicks.high() - yTicks.low()) * HEIGHT;
  }

  private static String number(double pixels) {
    return String.format(Locale.ROOT, "%.2f", pixels);
  }
}
