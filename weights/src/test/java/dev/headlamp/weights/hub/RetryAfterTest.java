package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

  /** The moment that RFC 9110, section 5.6.7, writes in three ways. */
  private static final Instant RFC_EXAMPLE = Instant.parse("1994-11-06T08:49:37Z");

  @ParameterizedTest
  @CsvSource({"0, 0", "120, 120", "' 7 ', 7", "999999999999999999999, 999999999"})
  void aNumberIsOneOfSeconds(String text, long seconds) {
    assertThat(retryAfter(text)).contains(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:50:37 GMT",
        "Sun Nov  6 08:50:37 1994",
      })
  void aDateIsAWaitUntilThen(String date) {
    assertThat(retryAfter(date)).contains(Duration.ofSeconds(60));
  }

  @Test
  void aYearOfTwoDigitsIsOneOfThisCentury() {
    Instant now = Instant.parse("2094-11-06T08:49:37Z");
    assertThat(
            RetryAfter.of(
                503, headers(Map.of("Retry-After", "Saturday, 06-Nov-94 08:50:37 GMT")), now))
        .contains(Duration.ofSeconds(60));
  }

  @Test
  void aDateThatHasPassedIsNoWait() {
    assertThat(retryAfter("Sun, 06 Nov 1994 08:49:36 GMT")).contains(Duration.ZERO);
  }

  @Test
  void aDateIsComparedWithTheServersOwnClock() {
    Map<String, String> answer =
        Map.of(
            "Date", "Mon, 07 Nov 1994 10:00:00 GMT",
            "Retry-After", "Mon, 07 Nov 1994 10:02:00 GMT");
    assertThat(RetryAfter.of(429, headers(answer), RFC_EXAMPLE)).contains(Duration.ofMinutes(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-1", "1.5", "soon", "6 Nov", "Sun, 32 Nov 1994 08:49:37 GMT", "1994-11-06"})
  void whatIsNeitherIsNotUsed(String text) {
    assertThat(retryAfter(text)).isEmpty();
  }

  @Test
  void theHubsOwnHeaderSaysWhenMoreRequestsAreAllowed() {
    HttpHeaders limited = headers(Map.of("RateLimit", "\"resolvers\";r=0;t=55"));
    assertThat(RetryAfter.of(429, limited, RFC_EXAMPLE)).contains(Duration.ofSeconds(55));
    // The header comes with every answer; only a 429 is about it.
    assertThat(RetryAfter.of(503, limited, RFC_EXAMPLE)).isEmpty();
    HttpHeaders both = headers(Map.of("RateLimit", "\"api\";r=0;t=55", "Retry-After", "3"));
    assertThat(RetryAfter.of(429, both, RFC_EXAMPLE)).contains(Duration.ofSeconds(3));
  }

  private static Optional<Duration> retryAfter(String text) {
    return RetryAfter.of(503, headers(Map.of("Retry-After", text)), RFC_EXAMPLE);
  }

  private static HttpHeaders headers(Map<String, String> fields) {
    Map<String, List<String>> lists = new HashMap<>();
    fields.forEach((name, value) -> lists.put(name, List.of(value)));
    return HttpHeaders.of(lists, (name, value) -> true);
  }
}
