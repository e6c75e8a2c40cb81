package dev.headlamp.experiments.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
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
public final class JsonObject {

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
  public static JsonObject parse(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      Object value = value(parser, parser.nextToken());
      if (!(value instanceof JsonObject object) || parser.nextToken() != null) {
        throw new IllegalArgumentException("one JSON object is expected");
      }
      return object;
    } catch (JsonProcessingException e) {
      // Jackson's own message goes on about where the text came from, which it does not know.
      String reason = e.getOriginalMessage().replaceFirst(" \\(start marker at .*", "");
      throw new IOException(
          "line %d, column %d: %s"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr(), reason),
          e);
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

  /**
   * Refuses fields of any other name.
   *
   * @throws IllegalArgumentException that names the first such field
   */
  public JsonObject onlyWith(String... names) {
    List<String> known = List.of(names);
    for (String name : fields.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "unknown field '%s'; there may be %s".formatted(name, known));
      }
    }
    return this;
  }

  /** Returns the names of the fields, in their order. */
  public List<String> names() {
    return List.copyOf(fields.keySet());
  }

  /** Returns whether there is a field of this name. */
  public boolean has(String name) {
    return fields.containsKey(name);
  }

  /** Returns a text. */
  public String text(String name) {
    return field(name, String.class);
  }

  /** Returns a truth value. */
  public boolean flag(String name) {
    return field(name, Boolean.class);
  }

  /** Returns a number. */
  public double number(String name) {
    return field(name, Double.class);
  }

  /** Returns a whole number. */
  public int whole(String name) {
    double number = number(name);
    if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name + " must be a whole number, not " + number);
    }
    return (int) number;
  }

  /** Returns an object. */
  public JsonObject object(String name) {
    return field(name, JsonObject.class);
  }

  /** Returns a list of objects. */
  public List<JsonObject> objects(String name) {
    return elements(name, JsonObject.class);
  }

  /** Returns a list of texts. */
  public List<String> texts(String name) {
    return elements(name, String.class);
  }

  /** Returns a list of numbers. */
  public List<Double> numbers(String name) {
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
