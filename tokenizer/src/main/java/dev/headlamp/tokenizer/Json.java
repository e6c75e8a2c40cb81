package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.Writer;

/** The one JSON factory of this package. */
final class Json {

  /** A vocabulary's fifty thousand field names each occur once: keeping them would be waste. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private Json() {}

  static JsonParser parser(String json) throws IOException {
    return FACTORY.createParser(json);
  }

  static JsonGenerator generator(Writer writer) throws IOException {
    return FACTORY.createGenerator(writer);
  }
}
