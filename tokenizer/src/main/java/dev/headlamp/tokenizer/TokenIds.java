package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gathers a model's own tokens while a file is read, each token and each id once. */
final class TokenIds {

  /** Far above any vocabulary in use; it keeps a corrupt id from passing for one. */
  private static final int MAX_ID = 10_000_000;

  private final Map<String, Integer> byToken = new LinkedHashMap<>();
  private final Set<Integer> taken = new HashSet<>();

  /** Adds the token whose id {@code parser} stands at. */
  void add(String token, JsonParser parser) throws IOException {
    int id = id(parser.getText(), parser);
    if (!taken.add(id)) {
      throw Json.problem(parser, "token id %d is given a second time".formatted(id));
    }
    if (byToken.put(token, id) != null) {
      throw Json.problem(parser, "the token %s is given a second id, %d".formatted(token, id));
    }
  }

  Map<String, Integer> byToken() {
    return Collections.unmodifiableMap(byToken);
  }

  /** Reads an id from the text of a value. */
  static int id(@Nullable String text, JsonParser parser) throws IOException {
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
}
