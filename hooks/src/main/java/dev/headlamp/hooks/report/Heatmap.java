package dev.headlamp.hooks.report;

import java.util.List;

/**
 * A result of two axes and how it is to be coloured; the terminal, PNG and HTML all draw from it.
 *
 * @param title what stands above the picture
 * @param array the numbers: the first axis runs downwards, the second to the right
 * @param scale their colours
 */
public record Heatmap(String title, LabelledArray array, ColorScale scale) implements Figure {

  /**
   * @throws IllegalArgumentException unless the array has two axes
   */
  public Heatmap {
    if (array.axes().size() != 2) {
      throw new IllegalArgumentException(
          "a heat map needs 2 axes, but " + array + " has " + array.axes().size());
    }
  }

  /** Returns the picture of {@code array} under its own name, with white at 0. */
  public static Heatmap of(LabelledArray array) {
    return new Heatmap(array.name(), array, ColorScale.divergingOver(0, array));
  }

  /** Returns this picture under another title. */
  public Heatmap withTitle(String newTitle) {
    return new Heatmap(newTitle, array, scale);
  }

  /** Returns this picture in other colours. */
  public Heatmap withScale(ColorScale newScale) {
    return new Heatmap(title, array, newScale);
  }

  /** Returns the axis that runs downwards. */
  public Axis rows() {
    return array.axes().get(0);
  }

  /** Returns the axis that runs to the right. */
  public Axis columns() {
    return array.axes().get(1);
  }

  /** Returns the unit of the numbers. */
  @Override
  public String caption() {
    return array.unit();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if there are more than 40,000 cells
   */
  @Override
  public String markup(String id) {
    return "<div class=\"scroll\">\n" + new SvgHeatmap(this, id).svg() + "\n</div>\n";
  }

  @Override
  public List<LabelledArray> arrays() {
    return List.of(array);
  }
}
