package dev.headlamp.weights.hub;

import java.io.IOException;
import java.io.Serial;

/**
 * A model could not be found or fetched. The message says what was asked for, what stood in the way
 * and what to do about it; it is fit to be shown to a user as it is.
 */
public final class HubException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  HubException(String message) {
    super(message);
  }

  HubException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Describes an interrupt of {@code what}, and leaves the thread interrupted. */
  static HubException interrupted(String what, Exception cause) {
    Thread.currentThread().interrupt();
    return new HubException(
        "interrupted: " + what + "; what has arrived is kept, and the next call goes on from there",
        cause);
  }
}
