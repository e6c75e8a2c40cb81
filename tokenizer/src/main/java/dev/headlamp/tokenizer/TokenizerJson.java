package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code tokenizer.json} and refuses all but byte-level BPE, the kind that GPT-2's is. The
 * promises of {@link Tokenizer} hold for no other kind, and the native side ends the JVM over some
 * values that the parts of other kinds can have.
 */
final class TokenizerJson {

  /** Far above any vocabulary in use; it keeps a corrupt id from passing for one. */
  private static final int MAX_ID = 10_000_000;

  private static final List<String> NEEDED = List.of("pre_tokenizer", "decoder", "model");

  private final Set<String> parts = new HashSet<>();
  private final Set<Integer> modelIds = new HashSet<>();
  private final Map<String, Integer> added = new LinkedHashMap<>();

  private TokenizerJson() {}

  /** Returns the tokens that the file lists. */
  static Vocabulary read(String json) throws IOException {
    TokenizerJson reading = new TokenizerJson();
    Json.forEachField(json, reading::part);
    for (String part : NEEDED) {
      if (!reading.parts.contains(part)) {
        throw new IOException("it has no " + part);
      }
    }
    return Vocabulary.of(reading.modelIds, reading.added);
  }

  private void part(String name, JsonParser parser) throws IOException {
    parts.add(name);
    switch (name) {
      case "added_tokens" -> addedTokens(parser);
      case "normalizer" -> requireNone(name, parser);
      case "pre_tokenizer", "decoder" ->
          requireType("ByteLevel", Json.scalars(parser).get("type"), name, parser);
      case "model" -> Json.forEachField(parser, this::modelField);
      default -> {}
    }
  }

  private void addedTokens(JsonParser parser) throws IOException {
    Json.require(parser, JsonToken.START_ARRAY, "a list of added tokens");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Map<String, String> token = Json.scalars(parser);
      added.put(token.getOrDefault("content", ""), id(token.get("id"), parser));
    }
  }

  private void modelField(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "type" -> requireType("BPE", parser.getText(), "model", parser);
      case "dropout", "continuing_subword_prefix", "end_of_word_suffix" ->
          requireNone(name, parser);
      case "vocab" -> Json.forEachField(parser, this::modelToken);
      default -> {}
    }
  }

  private void modelToken(String token, JsonParser parser) throws IOException {
    int id = id(parser.getText(), parser);
    if (!modelIds.add(id)) {
      throw Json.problem(parser, "token id %d is given a second time".formatted(id));
    }
  }

  private static int id(@Nullable String text, JsonParser parser) throws IOException {
    try {
      int id = Integer.parseInt(String.valueOf(text));
      if (id >= 0 && id <= MAX_ID) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw Json.problem(
        parser, "token id %s is not a whole number from 0 to %d".formatted(text, MAX_ID));
  }

  private static void requireType(
      String expected, @Nullable String type, String part, JsonParser parser) throws IOException {
    if (!expected.equals(type)) {
      throw Json.problem(
          parser,
          "the %s is of type %s: only byte-level BPE, as GPT-2's, is supported, where it is %s"
              .formatted(part, type, expected));
    }
  }

  private static void requireNone(String part, JsonParser parser) throws IOException {
    boolean none =
        switch (parser.currentToken()) {
          case VALUE_NULL -> true;
          case VALUE_STRING -> parser.getText().isEmpty();
          default -> false;
        };
    if (!none) {
      throw Json.problem(
          parser, "it has a %s: only byte-level BPE, as GPT-2's, is supported".formatted(part));
    }
  }
}
