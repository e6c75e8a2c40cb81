package dev.headlamp.hooks.metrics;

import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Tokens of a text that may be longer than what is tokenized at once. */
final class TextTokens {

  /** What a tokenizer takes at most. */
  private static final int PIECE = 4_000_000;

  private TextTokens() {}

  static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not UTF-8 text", e);
    }
  }

  static int[] of(Tokenizer tokenizer, String text) {
    return of(tokenizer, text, PIECE);
  }

  static int[] of(Tokenizer tokenizer, String text, int piece) {
    IntStream.Builder tokens = IntStream.builder();
    for (int from = 0, to; from < text.length(); from = to) {
      to = text.length() - from <= piece ? text.length() : cut(text, from, from + piece);
      for (int token : tokenizer.toTokens(text.substring(from, to), Bos.NONE)) {
        tokens.add(token);
      }
    }
    return tokens.build().toArray();
  }

  /** Returns the last place before {@code to} where no token of GPT-2's lies on both sides. */
  private static int cut(String text, int from, int to) {
    for (int at = to - 1; at > from + 1; at--) {
      if (text.charAt(at - 1) == '\n'
          && !Character.isWhitespace(text.charAt(at - 2))
          && !Character.isWhitespace(text.charAt(at))) {
        return at;
      }
    }
    throw new IllegalArgumentException(
        "the text has no single line's end in the %d characters from %d to be cut at"
            .formatted(to - from, from));
  }
}
