package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Gpt2Config;

/** A head, as the field writes it: L9H9. */
record HeadName(int layer, int head) {

  /** Returns this head if the model has it, and refuses it otherwise. */
  HeadName checkedFor(Gpt2Config config) {
    config.checkLayer(layer);
    config.checkHead(head);
    return this;
  }

  @Override
  public String toString() {
    return "L" + layer + "H" + head;
  }
}
