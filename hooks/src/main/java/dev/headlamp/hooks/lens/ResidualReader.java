package dev.headlamp.hooks.lens;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LayerNormWeights;

/**
 * What reads the residual stream, each through a layer norm of its own: the attention of a layer,
 * its MLP, or the unembedding at the end.
 *
 * @param kind which of the three
 * @param layer the layer, from 0; {@link HookPoint#NO_LAYER} for the unembedding
 */
public record ResidualReader(Kind kind, int layer) {

  /** Which part of the model reads. */
  public enum Kind {
    /** The attention of a layer, through ln1: it reads resid_pre. */
    ATTENTION,
    /** The MLP of a layer, through ln2: it reads resid_mid. */
    MLP,
    /** The unembedding, through the final layer norm: it reads the last resid_post. */
    UNEMBEDDING
  }

  /**
   * Checks that the two that belong to a layer have one.
   *
   * @throws IllegalArgumentException if not, or if the unembedding is given a layer
   */
  public ResidualReader {
    if (kind == Kind.UNEMBEDDING ? layer != HookPoint.NO_LAYER : layer < 0) {
      throw new IllegalArgumentException(
          kind == Kind.UNEMBEDDING
              ? "the unembedding belongs to no layer, but layer " + layer + " is given"
              : "the layer of a reader must be 0 or more, not " + layer);
    }
  }

  /** Returns the attention of a layer, counted from 0. */
  public static ResidualReader attention(int layer) {
    return new ResidualReader(Kind.ATTENTION, layer);
  }

  /** Returns the MLP of a layer, counted from 0. */
  public static ResidualReader mlp(int layer) {
    return new ResidualReader(Kind.MLP, layer);
  }

  /** Returns the unembedding. */
  public static ResidualReader unembedding() {
    return new ResidualReader(Kind.UNEMBEDDING, HookPoint.NO_LAYER);
  }

  ResidualReader checkedFor(Gpt2Config config) {
    if (kind != Kind.UNEMBEDDING) {
      config.checkLayer(layer);
    }
    return this;
  }

  /** Returns the point that holds what is read. */
  HookPoint stream(Gpt2Config config) {
    return switch (kind) {
      case ATTENTION -> HookPoint.of(Activation.RESID_PRE, layer);
      case MLP -> HookPoint.of(Activation.RESID_MID, layer);
      case UNEMBEDDING -> HookPoint.of(Activation.RESID_POST, config.nLayers() - 1);
    };
  }

  /** Returns the point that holds what the layer norm divides by. */
  HookPoint scale() {
    return switch (kind) {
      case ATTENTION -> HookPoint.of(Activation.LN1_SCALE, layer);
      case MLP -> HookPoint.of(Activation.LN2_SCALE, layer);
      case UNEMBEDDING -> HookPoint.of(Activation.LN_FINAL_SCALE);
    };
  }

  LayerNormWeights norm(Gpt2Weights weights) {
    return switch (kind) {
      case ATTENTION -> weights.blocks().get(layer).ln1();
      case MLP -> weights.blocks().get(layer).ln2();
      case UNEMBEDDING -> weights.lnFinal();
    };
  }

  /** Returns of how many layers, from the first, the attention has written to what is read. */
  int attentionsBefore(Gpt2Config config) {
    return switch (kind) {
      case ATTENTION -> layer;
      case MLP -> layer + 1;
      case UNEMBEDDING -> config.nLayers();
    };
  }

  /** Returns of how many layers, from the first, the MLP has written to what is read. */
  int mlpsBefore(Gpt2Config config) {
    return kind == Kind.UNEMBEDDING ? config.nLayers() : layer;
  }

  /** Returns the reader in words, such as {@code the MLP of layer 3}. */
  @Override
  public String toString() {
    return switch (kind) {
      case ATTENTION -> "the attention of layer " + layer;
      case MLP -> "the MLP of layer " + layer;
      case UNEMBEDDING -> "the unembedding";
    };
  }
}
