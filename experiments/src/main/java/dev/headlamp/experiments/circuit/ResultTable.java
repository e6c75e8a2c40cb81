package dev.headlamp.experiments.circuit;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Puts together a result of rows and columns. */
public final class ResultTable {

  private final String name;
  private final String unit;
  private final Axis columns;
  private final List<String> rows = new ArrayList<>();
  private final List<double[]> values = new ArrayList<>();

  private ResultTable(String name, String unit, Axis columns) {
    this.name = name;
    this.unit = unit;
    this.columns = columns;
  }

  /** Returns a table without rows. */
  public static ResultTable of(String name, String unit, String... columns) {
    return new ResultTable(name, unit, Axis.of("quantity", columns));
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it has not a value for each column
   */
  public ResultTable add(String row, double... cells) {
    if (cells.length != columns.length()) {
      throw new IllegalArgumentException(
          "row '%s' has %d cells, the table %d columns"
              .formatted(row, cells.length, columns.length()));
    }
    rows.add(row);
    values.add(cells.clone());
    return this;
  }

  /**
   * Returns the table: {@code [row, quantity]}.
   *
   * @throws IllegalArgumentException if there are no rows, or two of one name
   */
  public LabelledArray toArray() {
    return LabelledArray.of(
        name,
        unit,
        List.of(new Axis("row", rows), columns),
        values.stream().flatMapToDouble(Arrays::stream).toArray());
  }
}
