package dev.headlamp.hooks.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Results as one long table; see {@link ArrayFiles#writeCsv}. */
final class CsvFormat {

  /** RFC 4180 asks for quotes around the first four; readers that trim make us quote spaces too. */
  private static final Pattern NEEDS_QUOTES = Pattern.compile("[,\"\r\n]|^\\s|\\s$");

  private final List<LabelledArray> arrays;
  private final List<String> axisNames;

  CsvFormat(List<LabelledArray> arrays) {
    this.arrays = List.copyOf(arrays);
    this.axisNames =
        arrays.stream().flatMap(array -> array.axes().stream()).map(Axis::name).distinct().toList();
    if (arrays.isEmpty()) {
      throw new IllegalArgumentException("a CSV file needs at least 1 result, got none");
    }
    List<String> names = arrays.stream().map(LabelledArray::name).toList();
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          "results that share a CSV file need names that differ, got " + names);
    }
  }

  void write(OutputStream out) throws IOException {
    Writer writer = new OutputStreamWriter(out, UTF_8);
    Stream<String> columns = Stream.concat(axisNames.stream(), Stream.of("value"));
    writeRow(writer, (isShared() ? Stream.concat(Stream.of("array"), columns) : columns).toList());
    for (LabelledArray array : arrays) {
      writeRows(writer, array);
    }
    writer.flush();
  }

  /** Writes a result of two axes with a row and a column for each of their labels. */
  static void writeTable(LabelledArray array, OutputStream out) throws IOException {
    if (array.axes().size() != 2) {
      throw new IllegalArgumentException(
          "a table has two axes, rows and columns: '%s' has %d"
              .formatted(array.name(), array.axes().size()));
    }
    Axis rows = array.axes().get(0);
    Axis columns = array.axes().get(1);
    Writer writer = new OutputStreamWriter(out, UTF_8);
    writeRow(writer, Stream.concat(Stream.of(rows.name()), columns.labels().stream()).toList());
    for (int row = 0; row < rows.length(); row++) {
      List<String> cells = new ArrayList<>(List.of(rows.label(row)));
      for (int column = 0; column < columns.length(); column++) {
        cells.add(number(array.value(row, column)));
      }
      writeRow(writer, cells);
    }
    writer.flush();
  }

  private boolean isShared() {
    return arrays.size() > 1;
  }

  private void writeRows(Writer writer, LabelledArray array) throws IOException {
    double[] values = array.values();
    int[] columnOfAxis =
        array.axes().stream().mapToInt(axis -> axisNames.indexOf(axis.name())).toArray();
    int firstAxis = isShared() ? 1 : 0;
    for (int i = 0; i < values.length; i++) {
      List<String> row = new ArrayList<>();
      if (isShared()) {
        row.add(array.name());
      }
      axisNames.forEach(axis -> row.add(""));
      List<String> labels = array.labelsAt(i);
      for (int axis = 0; axis < labels.size(); axis++) {
        row.set(firstAxis + columnOfAxis[axis], labels.get(axis));
      }
      row.add(number(values[i]));
      writeRow(writer, row);
    }
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : Double.toString(value);
  }

  private static void writeRow(Writer writer, List<String> cells) throws IOException {
    writer.write(String.join(",", cells.stream().map(CsvFormat::quoted).toList()));
    writer.write("\r\n");
  }

  private static String quoted(String cell) {
    return NEEDS_QUOTES.matcher(cell).find() ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }
}
