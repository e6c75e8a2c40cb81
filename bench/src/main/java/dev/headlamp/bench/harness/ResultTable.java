package dev.headlamp.bench.harness;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The table of results, printed a row at a time as Markdown, and written as JSON. */
public final class ResultTable {

  private final Machine machine;
  private final String command;
  private final PrintStream out;
  private final List<Row> rows = new ArrayList<>();

  /**
   * Makes an empty table.
   *
   * @param command what was asked for
   * @param out where rows are printed to as they come
   */
  public ResultTable(Machine machine, String command, PrintStream out) {
    this.machine = machine;
    this.command = command;
    this.out = out;
  }

  /** Prints what stands above the rows. */
  public void printHead() {
    out.println(machine);
    out.println(command);
    out.println();
    out.println("| item | target | measured | |");
    out.println("|---|---|---|---|");
  }

  /** Adds a row and prints it. */
  public void add(Row row) {
    rows.add(row);
    out.printf(
        "| %s | %s | %s | %s |%n", row.item(), row.target(), row.measured(), row.verdict().text());
  }

  /** Returns how many rows have a verdict. */
  public long count(Row.Verdict verdict) {
    return rows.stream().filter(row -> row.verdict() == verdict).count();
  }

  /** Writes the rows, and where and how they were measured. */
  public void writeJson(Path file) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(file);
        JsonGenerator json = new JsonFactory().createGenerator(writer)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("machine", machine.toString());
      json.writeStringField("command", command);
      json.writeArrayFieldStart("rows");
      for (Row row : rows) {
        json.writeStartObject();
        json.writeStringField("item", row.item());
        json.writeStringField("target", row.target());
        json.writeStringField("measured", row.measured());
        if (!Double.isNaN(row.value())) {
          json.writeNumberField("value", row.value());
        }
        json.writeStringField("verdict", row.verdict().text());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }
}
