package dev.headlamp.hooks.report;

import java.util.stream.Collectors;

/** Says in a line of a page which number has which colour, for a {@link Figure} of your own. */
public final class ColorLegend {

  private ColorLegend() {}

  /** Returns the scale as a bar of colours between its two ends, as HTML. */
  public static String markup(ColorScale scale) {
    NumberStyle style =
        NumberStyle.ofScale(Math.max(Math.abs(scale.low()), Math.abs(scale.high())));
    String bar =
        new Tag("span").with("class", "legend-bar").with("style", gradient(scale)).text("");
    return new Tag("div")
        .with("class", "legend")
        .around(
            new Tag("span").text(style.write(scale.low()))
                + bar
                + new Tag("span").text(style.write(scale.high())));
  }

  private static String gradient(ColorScale scale) {
    return scale.palette().stops().stream()
        .map(ColorScale::css)
        .collect(Collectors.joining(",", "background:linear-gradient(90deg,", ")"));
  }
}
