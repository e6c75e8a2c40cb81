package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.Figure;
import dev.headlamp.hooks.report.Html;

/**
 * A figure of two number axes. On a page the numbers are shown under the pointer; {@link PlotImage}
 * makes PNGs. It holds at most 50,000 points, in at most 10 series, each of another colour.
 */
public sealed interface Plot extends Figure permits Histogram, LinePlot, ScatterPlot {

  @Override
  default String markup(String id) {
    return new SvgPlot(title(), PlotData.of(this)).markup();
  }

  @Override
  default String style() {
    return Html.resource(Plot.class, "plots.css");
  }
}
