package dev.headlamp.weights.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;

/**
 * How often something that may pass is tried, and how long is waited in between: each wait twice
 * the one before, or as long as the server asks for if that is longer.
 *
 * @param attempts tries in a row without progress after which it is given up; at least one
 * @param longestWait the longest wait of our own accord
 * @param longestAskedWait the longest wait that a server is granted; asked for more, it is given up
 * @param sleeper how the time is passed
 */
record RetryPolicy(
    int attempts,
    Duration firstWait,
    Duration longestWait,
    Duration longestAskedWait,
    Sleeper sleeper) {

  static final RetryPolicy STANDARD =
      new RetryPolicy(
          5,
          Duration.ofMillis(500),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          wait -> Thread.sleep(wait.toMillis()));

  /** Passes the time. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(Duration wait) throws InterruptedException;
  }

  /** The hub answered that it cannot serve just now. */
  static final class Unavailable extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> retryAfter;

    Unavailable(String message, Optional<Duration> retryAfter) {
      super(message);
      this.retryAfter = retryAfter;
    }
  }

  /** The tries of one undertaking. */
  final class Tries {
    private final String what;
    private final DownloadListener listener;
    private int failures;

    private Tries(String what, DownloadListener listener) {
      this.what = what;
      this.listener = listener;
    }

    /** Forgets earlier failures: what has come since shows that trying again helps. */
    void progressed() {
      failures = 0;
    }

    /**
     * Waits before the next try, and says so.
     *
     * @throws HubException when there is to be none
     */
    void failed(IOException cause) throws HubException, InterruptedException {
      failures++;
      if (failures >= attempts || cause instanceof SSLHandshakeException) {
        throw new HubException(
            "%s failed (%s, %d of %d tries); check the network, or give a local folder"
                .formatted(what, reason(cause), failures, attempts),
            cause);
      }
      Duration wait = wait(cause);
      listener.noticed(new DownloadNotice.Retry(what, reason(cause), wait, failures + 1, attempts));
      sleeper.sleep(wait);
    }

    private Duration wait(IOException cause) throws HubException {
      Duration own = firstWait.multipliedBy(1L << Math.min(failures - 1, 20));
      Duration asked =
          cause instanceof Unavailable unavailable
              ? unavailable.retryAfter.orElse(Duration.ZERO)
              : Duration.ZERO;
      if (asked.compareTo(longestAskedWait) > 0) {
        throw new HubException(
            "%s failed (%s, and asks to wait %s, which is more than the %s that are waited); try again later"
                .formatted(
                    what, reason(cause), Text.duration(asked), Text.duration(longestAskedWait)),
            cause);
      }
      return longer(asked, shorter(own, longestWait));
    }

    private static Duration longer(Duration a, Duration b) {
      return a.compareTo(b) > 0 ? a : b;
    }

    private static Duration shorter(Duration a, Duration b) {
      return a.compareTo(b) < 0 ? a : b;
    }

    private static String reason(IOException cause) {
      String kind = cause.getClass().getSimpleName();
      String message = cause.getMessage();
      return cause instanceof Unavailable
          ? String.valueOf(message)
          : Text.plain(message == null ? kind : kind + ": " + message);
    }
  }

  /** Starts an undertaking. {@code listener} is told of every wait. */
  Tries start(String what, DownloadListener listener) {
    return new Tries(what, listener);
  }
}
