package dev.headlamp.experiments.circuit.study;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.experiments.json.JsonObject;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was published of a circuit of a model, to be shown beside what is measured. */
final class PublishedFigures {

  private static final String RESOURCE = "gpt2-ioi-published.json";

  /** Tables, the more special first: {table: {row: {column: number}}}. */
  private final List<JsonObject> sources;

  private PublishedFigures(List<JsonObject> sources) {
    this.sources = List.copyOf(sources);
  }

  /** Returns what is known of a circuit; nothing of a model that nobody wrote about. */
  static PublishedFigures of(String model, String circuit) {
    JsonObject file = bundled();
    List<JsonObject> sources = new ArrayList<>();
    if (file.text("model").equals(model)) {
      JsonObject circuits = file.object("circuits");
      if (circuits.has(circuit)) {
        sources.add(circuits.object(circuit));
      }
      sources.add(file.object("model_itself"));
    }
    return new PublishedFigures(sources);
  }

  private static JsonObject bundled() {
    try (InputStream in = PublishedFigures.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + RESOURCE + " is missing");
      }
      return JsonObject.parse(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + RESOURCE, e);
    }
  }

  /** Returns a table with a column of published numbers behind each column that has any. */
  LabelledArray beside(LabelledArray table) {
    Axis rows = table.axes().get(0);
    Axis columns = table.axes().get(1);
    List<String> labels = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (int column = 0; column < columns.length(); column++) {
      labels.add(columns.label(column));
      if (hasAny(table.name(), rows, columns.label(column))) {
        labels.add("published " + columns.label(column));
      }
    }
    for (String row : rows.labels()) {
      for (String label : labels) {
        values.add(
            columns.labels().contains(label)
                ? table.value(rows.indexOf(row), columns.indexOf(label))
                : figure(table.name(), row, label.substring("published ".length()))
                    .orElse(LabelledArray.ABSENT));
      }
    }
    return LabelledArray.of(
        table.name(),
        table.unit(),
        List.of(rows, new Axis(columns.name(), labels)),
        values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private boolean hasAny(String table, Axis rows, String column) {
    return rows.labels().stream().anyMatch(row -> figure(table, row, column).isPresent());
  }

  private Optional<Double> figure(String table, String row, String column) {
    return sources.stream()
        .filter(source -> source.has(table))
        .map(source -> source.object(table))
        .filter(rows -> rows.has(row))
        .map(rows -> rows.object(row))
        .filter(columns -> columns.has(column))
        .map(columns -> columns.number(column))
        .findFirst();
  }
}
