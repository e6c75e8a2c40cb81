package dev.headlamp.engine.circuits;

import dev.headlamp.engine.linalg.FactoredMatrix;

/** What a later head makes of an earlier head's output. */
public enum Composition {
  /** Its queries. */
  Q,
  /** Its keys. */
  K,
  /** Its values. */
  V;

  /** Returns what of the later head the earlier one's output is multiplied with, on its right. */
  FactoredMatrix receiver(HeadWeights head) {
    return switch (this) {
      case Q -> head.qk();
      case K -> head.qk().transpose();
      case V -> head.ov();
    };
  }
}
