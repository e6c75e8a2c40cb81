package dev.headlamp.experiments.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON value and nothing after it, to be walked through. */
record Json(@Nullable Object value) {

  static Json parse(String text) {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      Json json = new Json(read(parser));
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("more than one document: " + text);
      }
      return json;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Object read(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, read(parser));
        }
        yield fields;
      }
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(read(parser));
        }
        yield items;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }

  Json get(String field) {
    if (!(value instanceof Map<?, ?> fields) || !fields.containsKey(field)) {
      throw new IllegalArgumentException("no field " + field + " in " + value);
    }
    return new Json(fields.get(field));
  }

  List<Json> items() {
    if (!(value instanceof List<?> items)) {
      throw new IllegalArgumentException("not a list: " + value);
    }
    return items.stream().map(item -> new Json(item)).toList();
  }

  double number() {
    if (!(value instanceof Double number)) {
      throw new IllegalArgumentException("not a number: " + value);
    }
    return number;
  }

  /** Returns all numbers of nested lists in their order; NaN for null. */
  double[] numbers() {
    if (value == null) {
      return new double[] {Double.NaN};
    }
    return value instanceof Double number
        ? new double[] {number}
        : items().stream()
            .flatMapToDouble(item -> java.util.Arrays.stream(item.numbers()))
            .toArray();
  }
}
