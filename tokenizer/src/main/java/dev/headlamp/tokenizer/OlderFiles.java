package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;

/**
 * GPT-2's older files, {@code vocab.json} and {@code merges.txt}. They become the {@code
 * tokenizer.json} that Hugging Face's converter makes of them.
 */
final class OlderFiles {

  private OlderFiles() {}

  static String toTokenizerJson(String vocabulary, String merges) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    Json.forEachField(vocabulary, (token, id) -> ids.put(token, id.getIntValue()));
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.generator(text)) {
      json.writeStartObject();
      writeAddedTokens(json, ids);
      writeByteLevel(json, "pre_tokenizer");
      writeByteLevel(json, "decoder");
      writeModel(json, ids, merges);
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void writeAddedTokens(JsonGenerator json, Map<String, Integer> ids)
      throws IOException {
    json.writeArrayFieldStart("added_tokens");
    Integer id = ids.get(SpecialTokenNames.END_OF_TEXT);
    if (id != null) {
      json.writeStartObject();
      json.writeNumberField("id", id);
      json.writeStringField("content", SpecialTokenNames.END_OF_TEXT);
      json.writeBooleanField("single_word", false);
      json.writeBooleanField("lstrip", false);
      json.writeBooleanField("rstrip", false);
      json.writeBooleanField("normalized", true);
      json.writeBooleanField("special", true);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeByteLevel(JsonGenerator json, String part) throws IOException {
    json.writeObjectFieldStart(part);
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", false);
    json.writeBooleanField("trim_offsets", true);
    json.writeBooleanField("use_regex", true);
    json.writeEndObject();
  }

  private static void writeModel(JsonGenerator json, Map<String, Integer> ids, String merges)
      throws IOException {
    json.writeObjectFieldStart("model");
    json.writeStringField("type", "BPE");
    json.writeObjectFieldStart("vocab");
    for (Map.Entry<String, Integer> token : ids.entrySet()) {
      json.writeNumberField(token.getKey(), token.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("merges");
    for (String line : merges.lines().toList()) {
      // Only the version line is a comment: "# #" is a merge.
      if (!line.isEmpty() && !line.startsWith("#version")) {
        json.writeString(line);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
