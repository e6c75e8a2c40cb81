package dev.headlamp.weights.hub;

import java.math.BigDecimal;
import java.time.Duration;

/** Text for messages. */
final class Text {

  private static final int LONGEST = 200;
  private static final Duration IN_SECONDS = Duration.ofMinutes(2);
  private static final Duration IN_MINUTES = Duration.ofHours(2);

  private Text() {}

  /** Returns {@code text} on one line, without control characters, cut where it is very long. */
  static String plain(String text) {
    String oneLine = text.replaceAll("[\\p{Cc}\\s]+", " ").strip();
    return oneLine.length() <= LONGEST ? oneLine : oneLine.substring(0, LONGEST) + "…";
  }

  /** Returns {@code 0.5 s}, {@code 90 s}, {@code 10 min} or {@code 3 h}, rounded up. */
  static String duration(Duration time) {
    if (time.compareTo(IN_SECONDS) < 0) {
      BigDecimal seconds = BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros();
      return seconds.toPlainString() + " s";
    }
    return time.compareTo(IN_MINUTES) < 0
        ? roundedUp(time, Duration.ofMinutes(1)) + " min"
        : roundedUp(time, Duration.ofHours(1)) + " h";
  }

  private static long roundedUp(Duration time, Duration unit) {
    return time.plus(unit).minusMillis(1).dividedBy(unit);
  }
}
