package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * Numbers along an axis, joined by lines. Where all labels of the axis are numbers, they are the
 * places of the points; otherwise the points stand at equal distances. Lines are interrupted where
 * a number is absent.
 *
 * @param title what stands above the figure
 * @param array the numbers: {@code [x]}, or {@code [series, x]} for a line each
 */
public record LinePlot(String title, LabelledArray array) implements Plot {

  /**
   * @throws IllegalArgumentException if the array has not one or two axes, more than 10 series, or
   *     more than 50,000 numbers
   */
  public LinePlot {
    int rank = array.axes().size();
    if (rank != 1 && rank != 2) {
      throw new IllegalArgumentException(
          "a line plot needs 1 axis, or 2, but %s has %d".formatted(array, rank));
    }
    PlotData.checkPoints(title, array.size());
    if (rank == 2) {
      PlotData.checkNames(title, array.axes().get(0).labels());
    }
  }

  /** Returns the plot of {@code array} under its own name. */
  public static LinePlot of(LabelledArray array) {
    return new LinePlot(array.name(), array);
  }

  /** Returns nothing: the unit stands at the axis. */
  @Override
  public String caption() {
    return "";
  }

  @Override
  public List<LabelledArray> arrays() {
    return List.of(array);
  }
}
