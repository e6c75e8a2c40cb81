package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.Writer;
import java.util.HashMap;
import java.util.Map;

/** How this package reads and writes JSON. */
final class Json {

  /**
   * A vocabulary's fifty thousand field names occur once each: remembering them would be waste.
   * What is written is ASCII, for a text with half of a surrogate pair has no other form.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private Json() {}

  /** Reads the fields of the object that {@code json} is. */
  static void forEachField(String json, Reading reading) throws IOException {
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      forEachField(parser, reading);
    }
  }

  /** Reads the fields of the object at whose start {@code parser} stands. */
  static void forEachField(JsonParser parser, Reading reading) throws IOException {
    require(parser, JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      reading.value(name, parser);
      parser.skipChildren();
    }
  }

  /** Reads the texts, numbers and truth values of an object, each as text, by their names. */
  static Map<String, String> scalars(JsonParser parser) throws IOException {
    Map<String, String> scalars = new HashMap<>();
    forEachField(
        parser,
        (name, value) -> {
          if (value.currentToken().isScalarValue()) {
            scalars.put(name, value.getText());
          }
        });
    return scalars;
  }

  /** Fails, with the place, unless {@code parser} stands at this kind of value. */
  static void require(JsonParser parser, JsonToken kind, String what) throws IOException {
    if (parser.currentToken() != kind) {
      throw problem(parser, "expected " + what);
    }
  }

  /** Returns an exception that names the place of the value at which {@code parser} stands. */
  static JsonParseException problem(JsonParser parser, String message) {
    return new JsonParseException(parser, message, parser.currentTokenLocation());
  }

  static JsonGenerator generator(Writer writer) throws IOException {
    return FACTORY.createGenerator(writer);
  }

  /** Takes a field's value, at whose start the parser stands. What it leaves unread is skipped. */
  interface Reading {
    void value(String name, JsonParser parser) throws IOException;
  }
}
