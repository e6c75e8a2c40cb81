package dev.headlamp.weights.hub;

/** Text from elsewhere, made fit for a message. */
final class Text {

  private static final int LONGEST = 200;

  private Text() {}

  /** Returns {@code text} on one line, without control characters, cut where it is very long. */
  static String plain(String text) {
    String oneLine = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return oneLine.length() <= LONGEST ? oneLine : oneLine.substring(0, LONGEST) + "…";
  }
}
