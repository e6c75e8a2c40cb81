package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The texts of the special tokens, as {@code tokenizer_config.json} and {@code
 * special_tokens_map.json} name them.
 *
 * @param bos begins a sequence
 * @param eos ends a sequence
 * @param pad fills a batch up, or null where none is named
 */
record SpecialTokenNames(String bos, String eos, @Nullable String pad) {

  /** What Hugging Face's GPT-2 tokenizers use where the files name nothing. */
  static final SpecialTokenNames GPT2 =
      new SpecialTokenNames("<|endoftext|>", "<|endoftext|>", null);

  /** Returns the names in {@code json}; what it does not name is as in {@code others}. */
  static SpecialTokenNames read(String json, SpecialTokenNames others) throws IOException {
    String bos = others.bos;
    String eos = others.eos;
    String pad = others.pad;
    try (JsonParser parser = Json.parser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "bos_token" -> bos = Objects.requireNonNullElse(content(parser), bos);
          case "eos_token" -> eos = Objects.requireNonNullElse(content(parser), eos);
          case "pad_token" -> pad = content(parser);
          default -> parser.skipChildren();
        }
      }
    }
    return new SpecialTokenNames(bos, eos, pad);
  }

  /** A token is named by its text, or by an object that holds the text as its content. */
  private static @Nullable String content(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return parser.getValueAsString();
    }
    String content = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean isContent = parser.currentName().equals("content");
      parser.nextToken();
      if (isContent) {
        content = parser.getValueAsString();
      } else {
        parser.skipChildren();
      }
    }
    return content;
  }
}
