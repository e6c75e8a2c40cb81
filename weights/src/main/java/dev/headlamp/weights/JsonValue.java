package dev.headlamp.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small JSON document in memory. Fields that are null are left out: null counts as absent. */
sealed interface JsonValue {

  /** The largest file that is read whole; the index of a model of a thousand shards is smaller. */
  long MAX_BYTES = 1 << 24;

  record Fields(Map<String, JsonValue> values) implements JsonValue {
    @Override
    public String toString() {
      return "an object of " + values.size() + " fields";
    }
  }

  record Items(List<JsonValue> values) implements JsonValue {
    @Override
    public String toString() {
      return "a list of " + values.size();
    }
  }

  record Text(String value) implements JsonValue {
    @Override
    public String toString() {
      return "\"" + value + "\"";
    }
  }

  /** A number as it is spelled, so that nothing is lost before its reader states a range. */
  record Numeral(String digits) implements JsonValue {
    @Override
    public String toString() {
      return digits;
    }
  }

  record Truth(boolean value) implements JsonValue {
    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /** A null inside a list, where leaving it out would move what comes after it. */
  record Nothing() implements JsonValue {
    @Override
    public String toString() {
      return "null";
    }
  }

  /**
   * Reads a file that holds one JSON object.
   *
   * @throws CheckpointFormatException if it holds anything else or is too large
   */
  static Fields readObject(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new CheckpointFormatException(
          file, "length", "at most " + MAX_BYTES + " bytes", Files.size(file) + " bytes");
    }
    byte[] utf8 = Files.readAllBytes(file);
    return StrictJson.parse(
        file,
        "document",
        utf8,
        utf8.length,
        json -> {
          if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new CheckpointFormatException(
                file,
                "document",
                "a JSON object",
                json.hasCurrentToken() ? json.getText() : "none");
          }
          return object(json);
        });
  }

  private static Fields object(JsonParser json) throws IOException {
    Map<String, JsonValue> values = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      JsonValue value = value(json);
      if (!(value instanceof Nothing)) {
        values.put(name, value);
      }
    }
    return new Fields(values);
  }

  private static Items list(JsonParser json) throws IOException {
    List<JsonValue> values = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(json));
    }
    return new Items(values);
  }

  private static JsonValue value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> list(json);
      case VALUE_STRING -> new Text(json.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Numeral(json.getText());
      case VALUE_TRUE, VALUE_FALSE -> new Truth(json.getBooleanValue());
      case VALUE_NULL -> new Nothing();
      default ->
          throw new IllegalStateException("no JSON value starts with " + json.currentToken());
    };
  }
}
