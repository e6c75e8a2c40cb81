package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Gpt2Config;

/** What writes to the residual stream: the beginning of a path. */
public sealed interface Sender {

  /** One attention head. */
  record Head(int layer, int head) implements Sender {
    @Override
    public int write() {
      return 2 * layer + 1;
    }

    @Override
    public String label() {
      return layer + "." + head;
    }
  }

  /** One MLP. */
  record Mlp(int layer) implements Sender {
    @Override
    public int write() {
      return 2 * layer + 2;
    }

    @Override
    public String label() {
      return "mlp " + layer;
    }
  }

  /** The token embedding. */
  record Embedding() implements Sender {
    @Override
    public int write() {
      return 0;
    }

    @Override
    public String label() {
      return "embedding";
    }
  }

  /** Returns a head, by the layer and the head in it, both counted from 0. */
  static Sender head(int layer, int head) {
    return new Head(layer, head);
  }

  /** Returns the MLP of a layer, counted from 0. */
  static Sender mlp(int layer) {
    return new Mlp(layer);
  }

  /** Returns the token embedding; position embeddings are no part of it. */
  static Sender embedding() {
    return new Embedding();
  }

  /**
   * Returns which write to the residual stream this one takes part in: 0 for the embedding, then
   * two for each layer, its attention's and its MLP's.
   */
  int write();

  /** Returns what reports call this, such as {@code 9.6} for head 6 of layer 9. */
  String label();

  /** Returns whether the receiver reads the residual stream after this has written to it. */
  default boolean reaches(Receiver receiver) {
    return write() < receiver.writesSeen();
  }

  /**
   * Returns this.
   *
   * @throws IllegalArgumentException if a model of {@code config}'s size has no such head or layer
   */
  default Sender checkedFor(Gpt2Config config) {
    if (this instanceof Head head) {
      config.checkLayer(head.layer());
      config.checkHead(head.head());
    } else if (this instanceof Mlp mlp) {
      config.checkLayer(mlp.layer());
    }
    return this;
  }
}
