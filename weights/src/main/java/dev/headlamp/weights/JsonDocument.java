package dev.headlamp.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a small JSON file whole. */
final class JsonDocument {

  /** The largest file that is read; the index of a model of a thousand shards is smaller. */
  static final long MAX_BYTES = 1 << 24;

  /** The most values in a file; each takes many times its length in the file. */
  private static final int MAX_VALUES = 1 << 18;

  private static final String PLACE = "document";

  private final Path file;
  private final JsonParser json;
  private int values;

  private JsonDocument(Path file, JsonParser json) {
    this.file = file;
    this.json = json;
  }

  /**
   * Reads a file that holds one JSON object.
   *
   * @throws CheckpointFormatException if it holds anything else, more than 16 MiB or too many
   *     values
   */
  static JsonValue.Fields read(Path file) throws IOException {
    RegularFile.require(file);
    if (Files.size(file) > MAX_BYTES) {
      throw new CheckpointFormatException(
          file, "length", "at most " + MAX_BYTES + " bytes", Files.size(file) + " bytes");
    }
    byte[] utf8 = Files.readAllBytes(file);
    return StrictJson.parse(
        file, PLACE, utf8, utf8.length, json -> new JsonDocument(file, json).read());
  }

  private JsonValue.Fields read() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new CheckpointFormatException(
          file, PLACE, "a JSON object", json.hasCurrentToken() ? json.getText() : "nothing");
    }
    return object();
  }

  private JsonValue.Fields object() throws IOException {
    Map<String, JsonValue> fields = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      JsonValue value = value();
      if (!(value instanceof JsonValue.Nothing)) {
        fields.put(name, value);
      }
    }
    return new JsonValue.Fields(Collections.unmodifiableMap(fields));
  }

  private JsonValue.Items list() throws IOException {
    List<JsonValue> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      items.add(value());
    }
    return new JsonValue.Items(List.copyOf(items));
  }

  private JsonValue value() throws IOException {
    if (++values > MAX_VALUES) {
      throw new CheckpointFormatException(file, PLACE, "at most " + MAX_VALUES + " values", "more");
    }
    return switch (json.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> list();
      case VALUE_STRING -> new JsonValue.Text(StrictJson.text(file, PLACE, json));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonValue.Numeral(json.getText());
      case VALUE_TRUE, VALUE_FALSE -> new JsonValue.Truth(json.getBooleanValue());
      case VALUE_NULL -> new JsonValue.Nothing();
      default ->
          throw new IllegalStateException("no JSON value starts with " + json.currentToken());
    };
  }
}
