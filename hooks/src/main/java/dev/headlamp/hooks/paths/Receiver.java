package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;

/** What reads the residual stream: the end of a path. */
public sealed interface Receiver {

  /**
   * The query, key or value of one attention head.
   *
   * @param activation {@link Activation#Q}, {@link Activation#K} or {@link Activation#V}
   */
  record HeadInput(Activation activation, int layer, int head) implements Receiver {
    /**
     * Checks the activation.
     *
     * @throws IllegalArgumentException if it is another
     */
    public HeadInput {
      if (activation != Activation.Q && activation != Activation.K && activation != Activation.V) {
        throw new IllegalArgumentException(
            "a head reads the residual stream as q, k or v, not as " + activation.shortName());
      }
    }

    @Override
    public int writesSeen() {
      return 2 * layer + 1;
    }

    @Override
    public String label() {
      return activation.shortName() + " " + layer + "." + head;
    }
  }

  /** What one MLP reads. */
  record MlpInput(int layer) implements Receiver {
    @Override
    public int writesSeen() {
      return 2 * layer + 2;
    }

    @Override
    public String label() {
      return "mlp " + layer;
    }
  }

  /** The residual stream that the final layer norm and the unembedding read. */
  record FinalResidual() implements Receiver {
    @Override
    public int writesSeen() {
      return Integer.MAX_VALUE;
    }

    @Override
    public String label() {
      return "final residual stream";
    }
  }

  /** Returns the query of a head, by the layer and the head in it, both counted from 0. */
  static Receiver query(int layer, int head) {
    return new HeadInput(Activation.Q, layer, head);
  }

  /** Returns the key of a head. */
  static Receiver key(int layer, int head) {
    return new HeadInput(Activation.K, layer, head);
  }

  /** Returns the value of a head. */
  static Receiver value(int layer, int head) {
    return new HeadInput(Activation.V, layer, head);
  }

  /** Returns what the MLP of a layer reads. */
  static Receiver mlpInput(int layer) {
    return new MlpInput(layer);
  }

  /** Returns the residual stream after the last block: what is left are the logits. */
  static Receiver finalResidual() {
    return new FinalResidual();
  }

  /**
   * Returns how many writes to the residual stream have been made where this reads it: those
   * numbered lower by {@link Sender#write}.
   */
  int writesSeen();

  /** Returns what reports call this, such as {@code q 9.6} for the query of head 6 of layer 9. */
  String label();

  /**
   * Returns this.
   *
   * @throws IllegalArgumentException if a model of {@code config}'s size has no such head or layer
   */
  default Receiver checkedFor(Gpt2Config config) {
    if (this instanceof HeadInput input) {
      config.checkLayer(input.layer());
      config.checkHead(input.head());
    } else if (this instanceof MlpInput input) {
      config.checkLayer(input.layer());
    }
    return this;
  }

  /** Returns the first block that a change of this can change; the number of blocks for none. */
  default int firstLayer(Gpt2Config config) {
    if (this instanceof HeadInput input) {
      return input.layer();
    }
    return this instanceof MlpInput input ? input.layer() : config.nLayers();
  }
}
