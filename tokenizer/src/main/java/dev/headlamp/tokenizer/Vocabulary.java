package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * The token ids that a {@code tokenizer.json} gives out.
 *
 * @param ids every id in use, of the model's own tokens and of those added to them
 * @param size the number of ids from 0 to the highest one in use
 */
record Vocabulary(Set<Integer> ids, int size) {

  /** Reads the ids from a text that the native side has already accepted as a tokenizer. */
  static Vocabulary read(String json) throws IOException {
    Set<Integer> ids = new HashSet<>();
    try (JsonParser parser = Json.parser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String section = parser.currentName();
        parser.nextToken();
        switch (section) {
          case "added_tokens" -> readAddedTokens(parser, ids);
          case "model" -> readModel(parser, ids);
          default -> parser.skipChildren();
        }
      }
    }
    int highest = ids.stream().mapToInt(Integer::intValue).max().orElse(-1);
    return new Vocabulary(Set.copyOf(ids), Math.addExact(highest, 1));
  }

  private static void readAddedTokens(JsonParser parser, Set<Integer> ids) throws IOException {
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean isId = parser.currentName().equals("id");
        parser.nextToken();
        if (isId) {
          ids.add(parser.getIntValue());
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  private static void readModel(JsonParser parser, Set<Integer> ids) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean isVocabulary = parser.currentName().equals("vocab");
      JsonToken value = parser.nextToken();
      if (isVocabulary && value == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          parser.nextToken();
          ids.add(parser.getIntValue());
        }
      } else if (isVocabulary && value == JsonToken.START_ARRAY) {
        // A unigram model lists its tokens with their scores; a token's id is its place.
        for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
          parser.skipChildren();
          ids.add(id);
        }
      } else {
        parser.skipChildren();
      }
    }
  }
}
