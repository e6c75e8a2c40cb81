package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.report.Labels;
import java.util.ArrayList;
import java.util.List;

/** A table of text whose columns are as wide as their widest cell. */
final class TextTable {

  private static final String GAP = "  ";

  private final List<Boolean> rightAligned;
  private final List<List<String>> rows = new ArrayList<>();

  private TextTable(List<Boolean> rightAligned) {
    this.rightAligned = rightAligned;
  }

  /**
   * Returns a table with a header.
   *
   * @param titles the header; a column whose title begins with {@code >} is aligned on the right
   */
  static TextTable of(String... titles) {
    List<String> columns = List.of(titles);
    TextTable table = new TextTable(columns.stream().map(title -> title.startsWith(">")).toList());
    return table.add(
        columns.stream()
            .map(title -> title.startsWith(">") ? title.substring(1) : title)
            .toArray(String[]::new));
  }

  TextTable add(String... cells) {
    if (cells.length != rightAligned.size()) {
      throw new IllegalArgumentException(
          "a row of %d cells in a table of %d columns"
              .formatted(cells.length, rightAligned.size()));
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Returns the lines, the header first. */
  List<String> lines() {
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < rightAligned.size(); column++) {
      int at = column;
      widths.add(rows.stream().mapToInt(row -> Labels.columns(row.get(at))).max().orElse(0));
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, List<Integer> widths) {
    List<String> cells = new ArrayList<>();
    for (int column = 0; column < row.size(); column++) {
      String cell = row.get(column);
      String space = " ".repeat(widths.get(column) - Labels.columns(cell));
      cells.add(rightAligned.get(column) ? space + cell : cell + space);
    }
    return String.join(GAP, cells).stripTrailing();
  }

  /** Prints the table, its header in bold. */
  void print(Terminal terminal) {
    List<String> lines = lines();
    terminal.out().println(terminal.bold(lines.get(0)));
    lines.stream().skip(1).forEach(terminal.out()::println);
  }
}
