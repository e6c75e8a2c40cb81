package dev.headlamp.weights.hub;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads how long an answer asks to wait before the next try. */
final class RetryAfter {

  private static final int TOO_MANY_REQUESTS = 429;

  /** A wait of years is too long whatever it is exactly, and fits every unit of time. */
  private static final long MOST_SECONDS = 999_999_999;

  private static final Pattern SECONDS = Pattern.compile("\\d+");

  /** The seconds until more requests are allowed, in the header that the hub sends with a 429. */
  private static final Pattern RESET = Pattern.compile(";\\s*t\\s*=\\s*(\\d+)");

  /** The three forms of a date that RFC 9110, section 5.6.7, has every recipient accept. */
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.US),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US)
              .withZone(ZoneOffset.UTC));

  private RetryAfter() {}

  /**
   * Reads {@code Retry-After} (RFC 9110, section 10.2.3), which is a number of seconds or a date,
   * or else the {@code RateLimit} of an answer 429 (IETF draft ratelimit-headers).
   *
   * @param now the time here, for a date in an answer that does not state its own
   * @return a wait of zero or more; empty where the answer asks for none, or not in these forms
   */
  static Optional<Duration> of(int status, HttpHeaders headers, Instant now) {
    Optional<String> retryAfter = headers.firstValue("Retry-After").map(String::strip);
    if (retryAfter.isPresent()) {
      String text = retryAfter.get();
      return SECONDS.matcher(text).matches()
          ? Optional.of(seconds(text))
          : date(text).map(date -> between(answered(headers).orElse(now), date));
    }
    return Optional.of(headers.firstValue("RateLimit").orElse(""))
        .filter(limit -> status == TOO_MANY_REQUESTS)
        .map(RESET::matcher)
        .filter(Matcher::find)
        .map(reset -> seconds(reset.group(1)));
  }

  /** The server's own clock, so that it does not matter whether the one here is right. */
  private static Optional<Instant> answered(HttpHeaders headers) {
    return headers.firstValue("Date").flatMap(RetryAfter::date);
  }

  private static Duration between(Instant from, Instant to) {
    return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
  }

  private static Duration seconds(String digits) {
    try {
      return Duration.ofSeconds(Math.min(Long.parseLong(digits), MOST_SECONDS));
    } catch (NumberFormatException e) {
      return Duration.ofSeconds(MOST_SECONDS);
    }
  }

  private static Optional<Instant> date(String text) {
    for (DateTimeFormatter form : DATES) {
      try {
        return Optional.of(form.parse(text, Instant::from));
      } catch (DateTimeException e) {
        // The next form, then.
      }
    }
    return Optional.empty();
  }
}
