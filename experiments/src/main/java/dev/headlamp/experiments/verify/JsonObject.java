package dev.headlamp.experiments.verify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of a JSON file, read by field and type. A field that is missing or of another type is
 * an {@link IllegalArgumentException} that names it.
 */
final class JsonObject {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Map<String, Object> fields;

  private JsonObject(Map<String, Object> fields) {
    this.fields = fields;
  }

  /**
   * Reads a text that is one object.
   *
   * @throws IOException if it is not JSON
   */
  static JsonObject parse(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      Object value = value(parser, parser.nextToken());
      if (!(value instanceof JsonObject object) || parser.nextToken() != null) {
        throw new IllegalArgumentException("one JSON object is expected");
      }
      return object;
    }
  }

  private static Object value(JsonParser parser, @Nullable JsonToken token) throws IOException {
    if (token == null) {
      throw new IllegalArgumentException("one JSON object is expected");
    }
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      default -> throw new IllegalArgumentException("a value is expected, not " + token);
    };
  }

  private static JsonObject object(JsonParser parser) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      fields.put(name, value(parser, parser.nextToken()));
    }
    return new JsonObject(fields);
  }

  private static List<Object> array(JsonParser parser) throws IOException {
    List<Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value(parser, parser.currentToken()));
    }
    return elements;
  }

  List<String> names() {
    return List.copyOf(fields.keySet());
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  String text(String name) {
    return field(name, String.class);
  }

  boolean flag(String name) {
    return field(name, Boolean.class);
  }

  double number(String name) {
    return field(name, Double.class);
  }

  int whole(String name) {
    double number = number(name);
    if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name + " must be a whole number, not " + number);
    }
    return (int) number;
  }

  JsonObject object(String name) {
    return field(name, JsonObject.class);
  }

  List<JsonObject> objects(String name) {
    return elements(name, JsonObject.class);
  }

  List<String> texts(String name) {
    return elements(name, String.class);
  }

  List<Double> numbers(String name) {
    return elements(name, Double.class);
  }

  private <T> List<T> elements(String name, Class<T> type) {
    List<?> elements = field(name, List.class);
    return elements.stream().<T>map(element -> cast(name, element, type)).toList();
  }

  private <T> T field(String name, Class<T> type) {
    return cast(name, fields.get(name), type);
  }

  private static <T> T cast(String name, @Nullable Object value, Class<T> type) {
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "field %s is %s where a %s is expected"
              .formatted(name, value == null ? "missing" : value, type.getSimpleName()));
    }
    return type.cast(value);
  }
}
