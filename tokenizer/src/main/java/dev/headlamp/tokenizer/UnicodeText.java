package dev.headlamp.tokenizer;

/** What a Java string must be to have bytes in UTF-8. */
final class UnicodeText {

  private UnicodeText() {}

  /** Returns the text itself if no surrogate stands alone in it. */
  static String requireValid(String text) {
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
