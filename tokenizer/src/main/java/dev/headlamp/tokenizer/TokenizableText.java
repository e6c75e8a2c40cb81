package dev.headlamp.tokenizer;

/** What a text must be before the native side may see it. */
final class TokenizableText {

  /** The native side takes up to 900 bytes for each, and ends the JVM when memory runs out. */
  static final int MAX_CHARS = 4 << 20;

  private TokenizableText() {}

  /** Returns the text itself if it is valid Unicode and not too long. */
  static String require(String text) {
    if (text.length() > MAX_CHARS) {
      throw new IllegalArgumentException(
          "the text has %d chars: at most %d are tokenized at a time"
              .formatted(text.length(), MAX_CHARS));
    }
    int point;
    for (int i = 0; i < text.length(); i += Character.charCount(point)) {
      point = text.codePointAt(i);
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException(
            "char %d of the text, U+%04X, is half of a surrogate pair without the other half"
                .formatted(i, point));
      }
    }
    return text;
  }
}
