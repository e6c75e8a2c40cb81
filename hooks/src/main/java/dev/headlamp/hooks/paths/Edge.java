package dev.headlamp.hooks.paths;

import java.util.Objects;

/**
 * One edge of the model's graph: what a sender writes to the residual stream, as one receiver reads
 * it there.
 */
public record Edge(Sender sender, Receiver receiver) {

  /**
   * Checks that the one comes before the other.
   *
   * @throws IllegalArgumentException if the receiver reads before the sender writes
   */
  public Edge {
    Objects.requireNonNull(sender, "sender");
    Objects.requireNonNull(receiver, "receiver");
    if (!sender.reaches(receiver)) {
      throw new IllegalArgumentException(
          "there is no edge from %s to %s, which reads before that writes"
              .formatted(sender.label(), receiver.label()));
    }
  }

  /** Returns what reports call this, such as {@code 0.2 -> q 3.1}. */
  public String label() {
    return sender.label() + " -> " + receiver.label();
  }
}
