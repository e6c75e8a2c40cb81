package dev.headlamp.hooks.report;

import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes a heat map as a table of text: a line with the title, one with what the numbers are, then
 * headers and rows. Where the terminal is too narrow for all columns, numbers get fewer digits
 * first; then the columns are written in groups, one below the other.
 *
 * <p>A {@code .} stands for a value that was not computed. Long labels end in {@code ..}, and
 * characters that would move the cursor are written as escapes.
 *
 * @param mode which colours the terminal shows; with {@link ColorMode#NONE} the headers and numbers
 *     are plain text
 * @param width how many columns the terminal has
 */
public record TerminalHeatmap(ColorMode mode, int width) {

  private static final int NARROWEST = 24;
  private static final int LONGEST_ROW_LABEL = 18;
  private static final int LONGEST_COLUMN_LABEL = 10;

  /**
   * @throws IllegalArgumentException if {@code width} is below 24
   */
  public TerminalHeatmap {
    if (width < NARROWEST) {
      throw new IllegalArgumentException(
          "a table needs a terminal of at least " + NARROWEST + " columns, got " + width);
    }
  }

  /** Returns the lines of the table, each ended by a newline. */
  public String render(Heatmap map) {
    Layout layout = layoutOf(map);
    StringBuilder out = new StringBuilder();
    out.append(mode.bold(Labels.visible(map.title()))).append('\n');
    out.append(Labels.visible(caption(map))).append('\n');
    int columns = map.columns().length();
    for (int from = 0; from < columns; from += layout.columnsPerGroup()) {
      out.append('\n');
      int to = Math.min(columns, from + layout.columnsPerGroup());
      appendGroup(out, map, layout, IntStream.range(from, to).toArray());
    }
    return out.toString();
  }

  private static String caption(Heatmap map) {
    String axes = map.rows().name() + " x " + map.columns().name();
    return map.array().unit().isEmpty() ? axes : axes + ": " + map.array().unit();
  }

  private void appendGroup(StringBuilder out, Heatmap map, Layout layout, int[] columns) {
    String corner = Labels.shortened(map.rows().name(), layout.rowLabelWidth());
    String header =
        cells(columns, i -> layout.cell(Labels.shortened(map.columns().label(i), layout.inner())));
    out.append(padded(corner, layout.rowLabelWidth())).append(header).append('\n');
    for (int row = 0; row < map.rows().length(); row++) {
      int thisRow = row;
      String label = Labels.shortened(map.rows().label(row), layout.rowLabelWidth());
      String line =
          cells(
              columns,
              column -> {
                double value = map.array().value(thisRow, column);
                return mode.on(map.scale().rgb(value), layout.cell(layout.style().write(value)));
              });
      out.append(padded(label, layout.rowLabelWidth())).append(line).append('\n');
    }
  }

  private static String cells(int[] columns, IntFunction<String> cell) {
    return IntStream.of(columns).mapToObj(cell).collect(Collectors.joining());
  }

  private Layout layoutOf(Heatmap map) {
    int longest = Labels.widest(map.rows().labels());
    int name = Labels.columns(Labels.visible(map.rows().name()));
    int rowLabel = Math.min(Math.max(longest, name), Math.min(LONGEST_ROW_LABEL, width / 2));
    return Stream.of(3, 2, 1)
        .map(decimals -> layout(map, rowLabel, decimals))
        .filter(layout -> layout.columnsPerGroup() >= map.columns().length())
        .findFirst()
        .orElseGet(() -> layout(map, rowLabel, 2));
  }

  private Layout layout(Heatmap map, int rowLabel, int decimals) {
    LabelledArray array = map.array();
    double largest = array.stream().filter(Double::isFinite).map(Math::abs).max().orElse(0);
    NumberStyle style = NumberStyle.of(decimals, largest);
    OptionalInt number = array.stream().mapToInt(value -> style.write(value).length()).max();
    int label = Math.min(Labels.widest(map.columns().labels()), LONGEST_COLUMN_LABEL);
    int inner = Math.max(label, number.orElse(1));
    int columns = Math.max(1, (width - rowLabel) / (inner + 1));
    return new Layout(rowLabel, inner, columns, style);
  }

  private static String padded(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - Labels.columns(text)));
  }

  /** Widths in columns of the terminal; {@code inner} is a cell without the space before it. */
  private record Layout(int rowLabelWidth, int inner, int columnsPerGroup, NumberStyle style) {

    /** Returns {@code text} at the right of a cell. */
    String cell(String text) {
      return " ".repeat(inner + 1 - Labels.columns(text)) + text;
    }
  }
}
