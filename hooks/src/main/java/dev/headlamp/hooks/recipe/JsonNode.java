package dev.headlamp.hooks.recipe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A value in a JSON file, with the place where it stands: {@code interventions[2].from}. */
final class JsonNode {

  private static final long MAX_BYTES = 1 << 24;
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final String place;

  /** A Map of nodes, a List of nodes, a String, Long, Double or Boolean. */
  private final Object value;

  private JsonNode(Path file, String place, Object value) {
    this.file = file;
    this.place = place;
    this.value = value;
  }

  /** Reads a file that holds one JSON document. */
  static JsonNode read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new RecipeFormatException(
          file, "length", "more than " + MAX_BYTES + " bytes are not read");
    }
    byte[] bytes = Files.readAllBytes(file);
    try (JsonParser json = FACTORY.createParser(bytes)) {
      json.nextToken();
      JsonNode node = node(file, "document", json);
      if (json.nextToken() != null) {
        throw new RecipeFormatException(file, "document", "something follows its end");
      }
      return node;
    } catch (RecipeFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new RecipeFormatException(file, "document", "no JSON: " + e.getMessage(), e);
    }
  }

  private static JsonNode node(Path file, String place, JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == null) {
      throw new RecipeFormatException(file, place, "the file is empty");
    }
    Object value =
        switch (token) {
          case START_OBJECT -> fields(file, place, json);
          case START_ARRAY -> items(file, place, json);
          case VALUE_STRING -> json.getText();
          case VALUE_NUMBER_INT -> json.getLongValue();
          case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
          case VALUE_TRUE, VALUE_FALSE -> json.getBooleanValue();
          default -> throw new RecipeFormatException(file, place, json.getText() + " is no value");
        };
    return new JsonNode(file, place, value);
  }

  private static Map<String, JsonNode> fields(Path file, String place, JsonParser json)
      throws IOException {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      String below = place.equals("document") ? name : place + "." + name;
      fields.put(name, node(file, below, json));
    }
    return fields;
  }

  private static List<JsonNode> items(Path file, String place, JsonParser json) throws IOException {
    List<JsonNode> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(file, place + "[" + items.size() + "]", json));
    }
    return items;
  }

  RecipeFormatException wrong(String problem) {
    return new RecipeFormatException(file, place, problem);
  }

  RecipeFormatException wrong(IllegalArgumentException cause) {
    return new RecipeFormatException(file, place, String.valueOf(cause.getMessage()), cause);
  }

  private RecipeFormatException isNot(String expected) {
    String shown =
        value instanceof Map ? "an object" : value instanceof List ? "a list" : value.toString();
    return wrong("expected " + expected + ", found " + shown);
  }

  /** Returns the fields of an object. */
  private Map<?, ?> object() throws RecipeFormatException {
    if (value instanceof Map<?, ?> fields) {
      return fields;
    }
    throw isNot("an object");
  }

  /** Refuses an object that has a field of another name. */
  void requireOnly(Set<String> names) throws RecipeFormatException {
    for (Object name : object().keySet()) {
      if (!names.contains(name)) {
        throw wrong(
            "unknown field '%s'; it may have %s".formatted(name, names.stream().sorted().toList()));
      }
    }
  }

  boolean has(String name) throws RecipeFormatException {
    return object().containsKey(name);
  }

  JsonNode field(String name) throws RecipeFormatException {
    return optional(name).orElseThrow(() -> wrong("field '" + name + "' is missing"));
  }

  Optional<JsonNode> optional(String name) throws RecipeFormatException {
    return Optional.ofNullable((JsonNode) object().get(name));
  }

  List<JsonNode> items() throws RecipeFormatException {
    if (value instanceof List<?> items) {
      return items.stream().map(JsonNode.class::cast).toList();
    }
    throw isNot("a list");
  }

  boolean isText() {
    return value instanceof String;
  }

  String text() throws RecipeFormatException {
    return as(String.class, "a text");
  }

  boolean flag() throws RecipeFormatException {
    return as(Boolean.class, "true or false");
  }

  long whole() throws RecipeFormatException {
    return as(Long.class, "a whole number");
  }

  int index() throws RecipeFormatException {
    long whole = whole();
    if (whole < 0 || whole > Integer.MAX_VALUE) {
      throw isNot("a number from 0 to " + Integer.MAX_VALUE);
    }
    return (int) whole;
  }

  double number() throws RecipeFormatException {
    return value instanceof Long whole ? whole : as(Double.class, "a number");
  }

  List<Integer> indices() throws RecipeFormatException {
    List<Integer> indices = new ArrayList<>();
    for (JsonNode item : items()) {
      indices.add(item.index());
    }
    return indices;
  }

  private <T> T as(Class<T> type, String expected) throws RecipeFormatException {
    if (type.isInstance(value)) {
      return type.cast(value);
    }
    throw isNot(expected);
  }
}
