package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The texts of the special tokens, as {@code tokenizer_config.json} and {@code
 * special_tokens_map.json} name them.
 *
 * @param bos begins a sequence
 * @param eos ends a sequence
 * @param pad fills the rows of a batch up to one length
 */
record SpecialTokenNames(String bos, String eos, String pad) {

  /** What Hugging Face's GPT-2 tokenizers use where the files name nothing. */
  static final String END_OF_TEXT = "<|endoftext|>";

  /** Takes each name from the last file that has it. Without a padding token, the EOS pads. */
  static SpecialTokenNames of(Map<String, String> named) {
    String eos = named.getOrDefault("eos_token", END_OF_TEXT);
    return new SpecialTokenNames(
        named.getOrDefault("bos_token", END_OF_TEXT), eos, named.getOrDefault("pad_token", eos));
  }

  /** Returns the tokens that one of the files names, by the name of their role. */
  static Map<String, String> read(String json) throws IOException {
    Map<String, String> named = new HashMap<>();
    Json.forEachField(
        json,
        (role, value) -> {
          String content = role.endsWith("_token") ? content(value) : null;
          if (content != null) {
            named.put(role, content);
          }
        });
    return named;
  }

  /** A token is named by its text, or by an object that holds the text as its content. */
  private static @Nullable String content(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getText();
      case START_OBJECT -> Json.scalars(parser).get("content");
      default -> null;
    };
  }
}
