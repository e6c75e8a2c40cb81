package dev.headlamp.engine;

import dev.headlamp.weights.CheckpointFormatException;
import dev.headlamp.weights.ConfigFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sizes and switches of a GPT-2, or of a relative that shares its architecture.
 *
 * @param name what errors and reports call the model
 * @param nLayers blocks
 * @param nHeads attention heads of a block
 * @param dModel width of the residual stream
 * @param dMlp neurons of an MLP
 * @param nCtx positions the model can see
 * @param dVocab tokens of the vocabulary
 * @param layerNormEpsilon added to the variance by every layer norm
 * @param activation function between an MLP's matrices
 * @param scaling what attention scores are divided by
 * @param attentionWindows for each layer how many positions a query sees, itself included; 0 for
 *     all before it
 * @param tiedEmbeddings whether the checkpoint's unembedding is its token embedding transposed;
 *     weight processing may make two of them without changing this
 * @param eosTokenId the token that ends a text, if the model names one
 */
public record Gpt2Config(
    String name,
    int nLayers,
    int nHeads,
    int dModel,
    int dMlp,
    int nCtx,
    int dVocab,
    double layerNormEpsilon,
    ActivationFunction activation,
    ScoreScaling scaling,
    List<Integer> attentionWindows,
    boolean tiedEmbeddings,
    @Nullable Integer eosTokenId) {

  /** More layers than any model has, and few enough to write out. */
  private static final int MAX_LAYERS = 1 << 16;

  /** The factor that attention scores are divided by. */
  public enum ScoreScaling {
    /** Nothing: GPT-Neo, and {@code scale_attn_weights: false}. */
    NONE,
    /** sqrt(d_head): GPT-2. */
    SQRT_D_HEAD,
    /** layer + 1, counted from 0. */
    LAYER,
    /** sqrt(d_head)·(layer + 1): Stanford's checkpoints. */
    SQRT_D_HEAD_AND_LAYER;

    static ScoreScaling of(boolean byWidth, boolean byLayer) {
      if (byLayer) {
        return byWidth ? SQRT_D_HEAD_AND_LAYER : LAYER;
      }
      return byWidth ? SQRT_D_HEAD : NONE;
    }

    double divisor(int layer, int dHead) {
      return switch (this) {
        case NONE -> 1;
        case SQRT_D_HEAD -> Math.sqrt(dHead);
        case LAYER -> layer + 1;
        case SQRT_D_HEAD_AND_LAYER -> Math.sqrt(dHead) * (layer + 1);
      };
    }
  }

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is not positive, there are more than 65536 layers,
   *     or the heads do not divide the width
   */
  public Gpt2Config {
    positive("nLayers", nLayers);
    if (nLayers > MAX_LAYERS) {
      throw new IllegalArgumentException("nLayers (" + nLayers + ") must be at most " + MAX_LAYERS);
    }
    positive("nHeads", nHeads);
    positive("dModel", dModel);
    positive("dMlp", dMlp);
    positive("nCtx", nCtx);
    positive("dVocab", dVocab);
    if (dModel % nHeads != 0) {
      throw new IllegalArgumentException(
          "dModel (" + dModel + ") must be a multiple of nHeads (" + nHeads + ")");
    }
    if (!(layerNormEpsilon >= 0 && layerNormEpsilon < 1)) {
      throw new IllegalArgumentException(
          "layerNormEpsilon (" + layerNormEpsilon + ") must be in [0, 1)");
    }
    attentionWindows = List.copyOf(attentionWindows);
    if (attentionWindows.size() != nLayers) {
      throw new IllegalArgumentException(
          "attentionWindows has "
              + attentionWindows.size()
              + " entries for "
              + nLayers
              + " layers");
    }
  }

  private static void positive(String field, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(field + " (" + value + ") must be positive");
    }
  }

  /** Returns GPT-2 small: 12 layers, 12 heads, width 768. */
  public static Gpt2Config gpt2() {
    return ofSize("gpt2", 12, 12, 768);
  }

  /** Returns GPT-2 medium: 24 layers, 16 heads, width 1024. */
  public static Gpt2Config gpt2Medium() {
    return ofSize("gpt2-medium", 24, 16, 1024);
  }

  /** Returns GPT-2 large: 36 layers, 20 heads, width 1280. */
  public static Gpt2Config gpt2Large() {
    return ofSize("gpt2-large", 36, 20, 1280);
  }

  /** Returns GPT-2 XL: 48 layers, 25 heads, width 1600. */
  public static Gpt2Config gpt2Xl() {
    return ofSize("gpt2-xl", 48, 25, 1600);
  }

  private static Gpt2Config ofSize(String name, int nLayers, int nHeads, int dModel) {
    return ofSize(name, nLayers, nHeads, dModel, 1024, 50257);
  }

  /**
   * Returns a GPT-2 of any size, with everything else as in GPT-2 small: four neurons for each
   * residual dimension, tanh-approximated GELU, eps 1e-5, tied embeddings, last token ends a text.
   */
  public static Gpt2Config ofSize(
      String name, int nLayers, int nHeads, int dModel, int nCtx, int dVocab) {
    return new Gpt2Config(
        name,
        nLayers,
        nHeads,
        dModel,
        4 * dModel,
        nCtx,
        dVocab,
        1e-5,
        ActivationFunction.GELU_TANH,
        ScoreScaling.SQRT_D_HEAD,
        allGlobal(nLayers),
        true,
        dVocab - 1);
  }

  static List<Integer> allGlobal(int nLayers) {
    return java.util.Collections.nCopies(Math.max(nLayers, 0), 0);
  }

  /**
   * Returns the configuration that a checkpoint's {@code config.json} states.
   *
   * @param name what errors and reports shall call the model
   * @throws CheckpointFormatException if a field is missing or of the wrong type, or if the file
   *     names an architecture or activation function that is not supported
   */
  public static Gpt2Config from(String name, ConfigFile file) throws CheckpointFormatException {
    return new ConfigReader(name, file).read();
  }

  /** Returns the width of one head: {@code dModel / nHeads}. */
  public int dHead() {
    return dModel / nHeads;
  }

  /** Returns what the attention scores of {@code layer} are divided by. */
  public double scoreDivisor(int layer) {
    return scaling.divisor(checkLayer(layer), dHead());
  }

  /**
   * Returns {@code layer}.
   *
   * @throws IllegalArgumentException if there is no such layer
   */
  public int checkLayer(int layer) {
    if (layer < 0 || layer >= nLayers) {
      throw new IllegalArgumentException(layerRule(layer));
    }
    return layer;
  }

  /**
   * Returns {@code head}.
   *
   * @throws IllegalArgumentException if the blocks have no such head
   */
  public int checkHead(int head) {
    if (head < 0 || head >= nHeads) {
      throw new IllegalArgumentException(
          "head %d is out of range: %s has heads 0 to %d".formatted(head, name, nHeads - 1));
    }
    return head;
  }

  /**
   * Returns {@code id}.
   *
   * @throws IllegalArgumentException if the vocabulary has no such token
   */
  public int checkToken(int id) {
    if (id < 0 || id >= dVocab) {
      throw new IllegalArgumentException(
          "token id %d is out of range: %s has ids 0 to %d".formatted(id, name, dVocab - 1));
    }
    return id;
  }

  String layerRule(int layer) {
    return "layer %d is out of range: %s has layers 0 to %d".formatted(layer, name, nLayers - 1);
  }
}
