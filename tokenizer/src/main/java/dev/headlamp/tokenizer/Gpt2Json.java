package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the {@code tokenizer.json} that Hugging Face's converter makes of GPT-2's older files,
 * {@code vocab.json} and {@code merges.txt}.
 */
final class Gpt2Json {

  private static final String END_OF_TEXT = "<|endoftext|>";

  private Gpt2Json() {}

  static String assemble(String vocabulary, String merges) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.generator(text)) {
      json.writeStartObject();
      json.writeStringField("version", "1.0");
      writeAddedTokens(json, vocabulary);
      writeByteLevel(json, "pre_tokenizer", true);
      writeByteLevel(json, "post_processor", false);
      writeByteLevel(json, "decoder", true);
      writeModel(json, vocabulary, merges);
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void writeAddedTokens(JsonGenerator json, String vocabulary) throws IOException {
    json.writeArrayFieldStart("added_tokens");
    Integer id = endOfText(vocabulary);
    if (id != null) {
      json.writeStartObject();
      json.writeNumberField("id", id);
      json.writeStringField("content", END_OF_TEXT);
      json.writeBooleanField("single_word", false);
      json.writeBooleanField("lstrip", false);
      json.writeBooleanField("rstrip", false);
      json.writeBooleanField("normalized", true);
      json.writeBooleanField("special", true);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static @Nullable Integer endOfText(String vocabulary) throws IOException {
    try (JsonParser parser = Json.parser(vocabulary)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals(END_OF_TEXT);
        parser.nextToken();
        if (found) {
          return parser.getIntValue();
        }
        parser.skipChildren();
      }
    }
    return null;
  }

  private static void writeByteLevel(JsonGenerator json, String role, boolean trimOffsets)
      throws IOException {
    json.writeObjectFieldStart(role);
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", false);
    json.writeBooleanField("trim_offsets", trimOffsets);
    json.writeBooleanField("use_regex", true);
    json.writeEndObject();
  }

  private static void writeModel(JsonGenerator json, String vocabulary, String merges)
      throws IOException {
    json.writeObjectFieldStart("model");
    json.writeStringField("type", "BPE");
    json.writeFieldName("vocab");
    try (JsonParser parser = Json.parser(vocabulary)) {
      parser.nextToken();
      json.copyCurrentStructure(parser);
    }
    json.writeArrayFieldStart("merges");
    for (String merge : mergesIn(merges)) {
      json.writeString(merge);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Only the version line is a comment: {@code # #} is a merge. */
  private static List<String> mergesIn(String text) {
    return text.lines().filter(line -> !line.startsWith("#version") && !line.isEmpty()).toList();
  }
}
