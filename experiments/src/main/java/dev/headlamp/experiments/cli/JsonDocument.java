package dev.headlamp.experiments.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A document for other programs: an object of maps, lists, strings, numbers and truth values. A NaN
 * is written as null, for JSON has none.
 */
final class JsonDocument {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final Map<String, Object> fields = new LinkedHashMap<>();

  JsonDocument with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  /** Returns the fields in their order. */
  Map<String, Object> fields() {
    return fields;
  }

  /** Returns a result as the fields {@code name}, {@code unit}, {@code axes}, {@code values}. */
  static Map<String, Object> of(LabelledArray array) {
    return new JsonDocument()
        .with("name", array.name())
        .with("unit", array.unit())
        .with("axes", array.axes().stream().map(JsonDocument::of).toList())
        .with("values", nested(array))
        .fields();
  }

  /** Returns a candidate as the fields {@code token}, {@code text}, {@code rank} and so on. */
  static Map<String, Object> of(HookedGpt2 model, NextToken.Candidate candidate) {
    return new JsonDocument()
        .with("token", candidate.token())
        .with("text", model.tokenText(candidate.token()))
        .with("rank", candidate.rank())
        .with("logit", candidate.logit())
        .with("probability", candidate.probability())
        .fields();
  }

  private static Map<String, Object> of(Axis axis) {
    return new JsonDocument().with("name", axis.name()).with("labels", axis.labels()).fields();
  }

  private static List<?> nested(LabelledArray array) {
    Axis first = array.axes().get(0);
    List<Object> parts = new ArrayList<>();
    for (int i = 0; i < first.length(); i++) {
      parts.add(array.axes().size() == 1 ? array.value(i) : nested(array.slice(first.name(), i)));
    }
    return parts;
  }

  void print(PrintStream out) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json =
        FACTORY.createGenerator(text).setPrettyPrinter(new DefaultPrettyPrinter())) {
      write(fields, json);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write JSON", e);
    }
    out.println(text);
  }

  private static void write(Object value, JsonGenerator json) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(entry.getValue(), json);
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        write(element, json);
      }
      json.writeEndArray();
    } else if (value instanceof Double number && !Double.isFinite(number)) {
      json.writeNull();
    } else {
      json.writeObject(value);
    }
  }
}
