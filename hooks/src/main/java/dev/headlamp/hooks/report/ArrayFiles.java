package dev.headlamp.hooks.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Keeps results in files that other tools read. A file is written whole or not at all, and replaces
 * one that was there; its folder must exist. Every {@link IOException} names the file.
 */
public final class ArrayFiles {

  private ArrayFiles() {}

  /**
   * Writes results as CSV (RFC 4180, UTF-8): a header, then a row for each value, in C order, with
   * a column for each axis and the last for the value. Numbers are written so that reading them
   * gives the same double; a value that was not computed is an empty cell.
   *
   * <p>Several results share the file as one table: a first column called "array" names the result,
   * and there is a column for each axis that any of them has, empty where it has not.
   *
   * @throws IllegalArgumentException if there is nothing to write, or two results have one name
   * @throws IOException if the file cannot be written
   */
  public static void writeCsv(Path file, List<LabelledArray> arrays) throws IOException {
    CsvFormat format = new CsvFormat(arrays);
    AtomicFile.write(file, format::write);
  }

  /**
   * Writes a result of two axes as a CSV table: a row for each label of the first axis, a column
   * for each label of the second, and both kinds of labels at the head. Otherwise as {@link
   * #writeCsv}.
   *
   * @throws IllegalArgumentException if the result has not two axes
   * @throws IOException if the file cannot be written
   */
  public static void writeCsvTable(Path file, LabelledArray array) throws IOException {
    AtomicFile.write(file, out -> CsvFormat.writeTable(array, out));
  }

  /**
   * Writes results as JSON: {@code {"metadata": {...}, "arrays": [{"name", "unit", "shape", "axes":
   * [{"name", "labels"}], "values"}]}}, the values nested one level for each axis. A value that was
   * not computed is {@code null}; an infinite one the string {@code "Infinity"} or {@code
   * "-Infinity"}, for JSON has no such number.
   *
   * @param metadata what else to say of the run, written in the map's order
   * @throws IOException if the file cannot be written
   */
  public static void writeJson(Path file, Map<String, String> metadata, List<LabelledArray> arrays)
      throws IOException {
    AtomicFile.write(file, out -> JsonFormat.write(metadata, arrays, out));
  }

  /**
   * Writes the values of one result as NumPy's {@code .npy} (version 1.0, float64, C order), of the
   * shape of the result; names and labels are not kept. A value that was not computed is NaN.
   *
   * @throws IOException if the file cannot be written
   */
  public static void writeNpy(Path file, LabelledArray array) throws IOException {
    AtomicFile.write(file, out -> NpyFormat.write(array, out));
  }

  /**
   * Writes results as safetensors: each a tensor of its name, F64, of the shape of the result. The
   * file's metadata holds for each name the text of {@code {"unit", "axes": [{"name", "labels"}]}}.
   * A value that was not computed is NaN.
   *
   * @throws IllegalArgumentException if two results have one name
   * @throws IOException if the file cannot be written
   */
  public static void writeSafetensors(Path file, List<LabelledArray> arrays) throws IOException {
    SafetensorsFormat format = new SafetensorsFormat(arrays);
    AtomicFile.writeFile(file, format::write);
  }
}
