package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.hooks.Positions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Which paths are patched: into which receivers, past what, and where.
 *
 * @param receivers where the paths end; all of them are patched together
 * @param freezing what keeps its original value on the way
 * @param senderPositions where senders are patched
 * @param receiverPositions where receivers are
 */
public record PathSpec(
    List<Receiver> receivers,
    Freezing freezing,
    Positions senderPositions,
    Positions receiverPositions) {

  /**
   * Checks that there are receivers.
   *
   * @throws IllegalArgumentException if there is none, or one twice
   */
  public PathSpec {
    receivers = List.copyOf(receivers);
    if (receivers.isEmpty() || receivers.stream().distinct().count() != receivers.size()) {
      throw new IllegalArgumentException("paths need receivers, each once, not " + receivers);
    }
    Objects.requireNonNull(freezing, "freezing");
    Objects.requireNonNull(senderPositions, "senderPositions");
    Objects.requireNonNull(receiverPositions, "receiverPositions");
  }

  /**
   * Returns the paths into some receivers, with queries, keys and values of all heads frozen and at
   * all positions.
   *
   * @throws IllegalArgumentException if there is no receiver, or one twice
   */
  public static PathSpec into(Receiver... receivers) {
    return into(List.of(receivers));
  }

  /** As {@link #into(Receiver...)}. */
  public static PathSpec into(List<Receiver> receivers) {
    return new PathSpec(receivers, Freezing.QKV, Positions.all(), Positions.all());
  }

  /** Returns the same paths past something else that keeps its value. */
  public PathSpec freezing(Freezing freezing) {
    return new PathSpec(receivers, freezing, senderPositions, receiverPositions);
  }

  /** Returns the same paths with senders patched at the given positions. */
  public PathSpec sendersAt(Positions positions) {
    return new PathSpec(receivers, freezing, positions, receiverPositions);
  }

  /** Returns the same paths with receivers patched at the given positions. */
  public PathSpec receiversAt(Positions positions) {
    return new PathSpec(receivers, freezing, senderPositions, positions);
  }

  /** Returns the same paths with senders and receivers patched at the given positions. */
  public PathSpec at(Positions positions) {
    return new PathSpec(receivers, freezing, positions, positions);
  }

  /** Returns what a report calls these paths, such as {@code into q 9.6, q 9.9}. */
  public String title() {
    return receivers.stream().map(Receiver::label).collect(Collectors.joining(", ", "into ", ""));
  }

  PathSpec checkedFor(Gpt2Config config) {
    receivers.forEach(receiver -> receiver.checkedFor(config));
    return this;
  }

  /** Returns the first block that a change of the receivers can change. */
  int firstLayer(Gpt2Config config) {
    return receivers.stream().mapToInt(receiver -> receiver.firstLayer(config)).min().orElseThrow();
  }
}
