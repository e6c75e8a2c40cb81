package dev.headlamp.weights.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often something that may pass is tried, and how long is waited in between: each wait twice
 * the one before, or as long as the server asked for, up to a limit.
 *
 * @param attempts tries in a row without progress after which it is given up; at least one
 * @param sleeper how the time is passed
 */
record RetryPolicy(int attempts, Duration firstWait, Duration longestWait, Sleeper sleeper) {

  static final RetryPolicy STANDARD =
      new RetryPolicy(
          5, Duration.ofMillis(500), Duration.ofSeconds(30), wait -> Thread.sleep(wait.toMillis()));

  private static final Logger LOG = LoggerFactory.getLogger(RetryPolicy.class);

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
    private int failures;

    private Tries(String what) {
      this.what = what;
    }

    /** Forgets earlier failures: what has come since shows that trying again helps. */
    void progressed() {
      failures = 0;
    }

    /**
     * Waits before the next try.
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
      LOG.info("{} failed ({}), trying again in {} ms", what, reason(cause), wait.toMillis());
      sleeper.sleep(wait);
    }

    private Duration wait(IOException cause) {
      Duration wait = firstWait.multipliedBy(1L << Math.min(failures - 1, 20));
      if (cause instanceof Unavailable unavailable) {
        wait = unavailable.retryAfter.orElse(wait);
      }
      return wait.compareTo(longestWait) < 0 ? wait : longestWait;
    }

    private static String reason(IOException cause) {
      String kind = cause.getClass().getSimpleName();
      String message = cause.getMessage();
      return cause instanceof Unavailable
          ? String.valueOf(message)
          : Text.plain(message == null ? kind : kind + ": " + message);
    }
  }

  Tries start(String what) {
    return new Tries(what);
  }
}
