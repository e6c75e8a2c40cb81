package dev.headlamp.experiments.circuit;

import dev.headlamp.experiments.ioi.IoiPosition;
import java.util.List;

/**
 * Heads of a circuit that do the same.
 *
 * @param role what they do
 * @param position where their output counts
 * @param heads the heads, the most important one first where an order is known
 */
public record HeadClass(HeadRole role, IoiPosition position, List<Head> heads) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is no head, or one twice
   */
  public HeadClass {
    heads = List.copyOf(heads);
    if (heads.isEmpty()) {
      throw new IllegalArgumentException("class '" + role + "' has no heads");
    }
    if (heads.stream().distinct().count() != heads.size()) {
      throw new IllegalArgumentException("class '" + role + "' names a head twice: " + heads);
    }
  }

  /** Returns the heads at the position. */
  public List<CircuitNode> nodes() {
    return heads.stream().map(head -> new CircuitNode(head, position)).toList();
  }

  /** Returns what reports call this, such as {@code induction at S2}. */
  @Override
  public String toString() {
    return role + " at " + position.label();
  }
}
