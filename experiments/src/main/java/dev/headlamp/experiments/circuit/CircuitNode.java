package dev.headlamp.experiments.circuit;

import dev.headlamp.experiments.ioi.IoiPosition;

/**
 * A head at a position: what a circuit is made of.
 *
 * @param head the head
 * @param position where its output counts
 */
public record CircuitNode(Head head, IoiPosition position) {

  @Override
  public String toString() {
    return head + " at " + position.label();
  }
}
