package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * Two numbers for each of some things, such as two scores of each head. A point has the labels of
 * its place in the arrays; where one of its numbers is absent or infinite it is left out.
 *
 * @param title what stands above the figure
 * @param x the numbers to the right
 * @param y the numbers upwards, of the same axes
 */
public record ScatterPlot(String title, LabelledArray x, LabelledArray y) implements Plot {

  /**
   * @throws IllegalArgumentException if the axes differ, or there are more than 50,000 points
   */
  public ScatterPlot {
    if (!x.axes().equals(y.axes())) {
      throw new IllegalArgumentException(
          "'%s' needs two results of the same axes and labels, got %s and %s"
              .formatted(title, x, y));
    }
    PlotData.checkPoints(title, x.size());
  }

  /** Returns how many points are left out, where some are. */
  @Override
  public String caption() {
    double[] right = x.values();
    double[] up = y.values();
    int missing = 0;
    for (int i = 0; i < right.length; i++) {
      missing += Double.isFinite(right[i]) && Double.isFinite(up[i]) ? 0 : 1;
    }
    return missing == 0 ? "" : missing + " of " + right.length + " points have no finite place";
  }

  @Override
  public List<LabelledArray> arrays() {
    return List.of(x, y);
  }
}
