package dev.headlamp.hooks.report.tokens;

/** What stands below a title. */
final class Captions {

  private Captions() {}

  /** Returns {@code caption}, and what is cut if not all positions are shown. */
  static String of(String caption, int shown, int positions) {
    if (positions <= shown) {
      return caption;
    }
    String cut = "the first %d of %d positions are shown".formatted(shown, positions);
    return caption.isEmpty() ? cut : caption + "; " + cut;
  }
}
