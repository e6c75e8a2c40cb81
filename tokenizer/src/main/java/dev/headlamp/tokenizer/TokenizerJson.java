package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.headlamp.tokenizer.ByteLevelBpe.AddedToken;
import dev.headlamp.tokenizer.ByteLevelBpe.Merge;
import dev.headlamp.tokenizer.ByteLevelBpe.Rules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code tokenizer.json} and refuses all but byte-level BPE, the kind that GPT-2's is. The
 * promises of {@link Tokenizer} hold for no other kind.
 */
final class TokenizerJson {

  private static final List<String> NEEDED = List.of("pre_tokenizer", "decoder", "model");

  private final Set<String> parts = new HashSet<>();
  private final TokenIds ids = new TokenIds();
  private final List<Merge> merges = new ArrayList<>();
  private final List<AddedToken> added = new ArrayList<>();
  private final Set<String> switches = new HashSet<>();
  private boolean addPrefixSpace;
  private boolean useRegex = true;
  private @Nullable String unkToken;

  private TokenizerJson() {}

  /** Returns the tokenizer that the file describes. */
  static ByteLevelBpe read(String json) throws IOException {
    TokenizerJson reading = new TokenizerJson();
    Json.forEachField(json, reading::part);
    for (String part : NEEDED) {
      if (!reading.parts.contains(part)) {
        throw new IOException("it has no " + part);
      }
    }
    return new ByteLevelBpe(
        reading.ids.byToken(),
        reading.merges,
        reading.added,
        new Rules(
            reading.addPrefixSpace,
            reading.useRegex,
            reading.unkToken,
            Set.copyOf(reading.switches)));
  }

  private void part(String name, JsonParser parser) throws IOException {
    if (!parts.add(name)) {
      throw Json.problem(parser, "it has a second " + name);
    }
    switch (name) {
      case "added_tokens" -> addedTokens(parser);
      case "normalizer" -> requireNone(name, parser);
      case "pre_tokenizer" -> preTokenizer(byteLevel(name, parser), parser);
      case "decoder" -> byteLevel(name, parser);
      case "model" -> Json.forEachField(parser, this::modelField);
      default -> {}
    }
  }

  private void addedTokens(JsonParser parser) throws IOException {
    Json.require(parser, JsonToken.START_ARRAY, "a list of added tokens");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Map<String, String> token = Json.scalars(parser);
      added.add(
          new AddedToken(
              token.getOrDefault("content", ""),
              TokenIds.id(token.get("id"), parser),
              isTrue("single_word", token, parser),
              isTrue("lstrip", token, parser),
              isTrue("rstrip", token, parser),
              isTrue("normalized", token, parser),
              isTrue("special", token, parser)));
    }
  }

  private static Map<String, String> byteLevel(String part, JsonParser parser) throws IOException {
    Map<String, String> fields = Json.scalars(parser);
    requireType("ByteLevel", fields.get("type"), part, parser);
    return fields;
  }

  private void preTokenizer(Map<String, String> fields, JsonParser parser) throws IOException {
    addPrefixSpace = isTrue("add_prefix_space", fields, parser);
    useRegex = !fields.containsKey("use_regex") || isTrue("use_regex", fields, parser);
  }

  private void modelField(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "type" -> requireType("BPE", parser.getText(), "model", parser);
      case "dropout", "continuing_subword_prefix", "end_of_word_suffix" ->
          requireNone(name, parser);
      case "vocab" -> Json.forEachField(parser, ids::add);
      case "merges" -> merges(parser);
      case "unk_token" -> unkToken = textOrNull(name, parser);
      default -> {
        if (Rules.SWITCHES.contains(name) && isTrue(name, parser.getText(), parser)) {
          switches.add(name);
        }
      }
    }
  }

  private void merges(JsonParser parser) throws IOException {
    Json.require(parser, JsonToken.START_ARRAY, "a list of merges");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      merges.add(
          parser.currentToken() == JsonToken.START_ARRAY
              ? new Merge(next(parser), lastOfTwo(parser))
              : mergeInOneText(parser));
    }
  }

  private static Merge mergeInOneText(JsonParser parser) throws IOException {
    Json.require(parser, JsonToken.VALUE_STRING, "a merge");
    String text = parser.getText();
    return Merge.parse(text)
        .orElseThrow(() -> Json.problem(parser, "the merge %s is not two tokens".formatted(text)));
  }

  private static String lastOfTwo(JsonParser parser) throws IOException {
    String token = next(parser);
    parser.nextToken();
    Json.require(parser, JsonToken.END_ARRAY, "two tokens in a merge");
    return token;
  }

  private static String next(JsonParser parser) throws IOException {
    parser.nextToken();
    Json.require(parser, JsonToken.VALUE_STRING, "a token");
    return parser.getText();
  }

  private static @Nullable String textOrNull(String name, JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    Json.require(parser, JsonToken.VALUE_STRING, "a text or null as " + name);
    return parser.getText();
  }

  private static boolean isTrue(String name, Map<String, String> fields, JsonParser parser)
      throws IOException {
    return isTrue(name, fields.get(name), parser);
  }

  private static boolean isTrue(String name, @Nullable String text, JsonParser parser)
      throws IOException {
    if ("true".equals(text) || "false".equals(text)) {
      return text.equals("true");
    }
    throw Json.problem(parser, "%s is %s, neither true nor false".formatted(name, text));
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
