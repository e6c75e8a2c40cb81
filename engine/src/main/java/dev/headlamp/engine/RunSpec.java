package dev.headlamp.engine;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one run of the model needs: where to start, where to stop, which logits to compute, and who
 * looks at the points on the way. The engine computes that and nothing else.
 *
 * @param tokens the prompts
 * @param tap what the points are offered to
 * @param startLayer the first block to run
 * @param startResidual the residual stream {@code [batch, pos, d_model]} entering that block,
 *     borrowed and never written to; null to start from the embedding
 * @param stopLayer the block to stop in front of; the number of blocks to run them all
 * @param logits which logits to compute; null for none, and then the run returns the residual
 *     stream
 * @param keyValues keys and values of the positions before these tokens, to which this run adds its
 *     own; null for none
 * @param nanDetection whether to fail at the first point that holds a NaN
 */
public record RunSpec(
    TokenBatch tokens,
    Tap tap,
    int startLayer,
    @Nullable INDArray startResidual,
    int stopLayer,
    @Nullable LogitSelection logits,
    @Nullable KeyValueCache keyValues,
    boolean nanDetection) {

  /** The value of {@code stopLayer} that runs every block, whatever their number. */
  public static final int ALL_LAYERS = Integer.MAX_VALUE;

  /** Checks that nothing that has to be there is missing. */
  public RunSpec {
    Objects.requireNonNull(tokens, "tokens");
    Objects.requireNonNull(tap, "tap");
  }

  /** Returns the first block of such a model that this run does not compute. */
  int endLayer(Gpt2Config config) {
    return Math.min(stopLayer, config.nLayers());
  }

  /** Returns a run over all layers of the given prompts that computes every logit. */
  public static RunSpec of(TokenBatch tokens) {
    return new RunSpec(tokens, Tap.NONE, 0, null, ALL_LAYERS, LogitSelection.all(), null, false);
  }

  /** Returns this run with its points offered to {@code tap}. */
  public RunSpec withTap(Tap tap) {
    return new RunSpec(
        tokens, tap, startLayer, startResidual, stopLayer, logits, keyValues, nanDetection);
  }

  /**
   * Returns this run started at a block instead of the embedding.
   *
   * @param layer the first block to run; the number of blocks to run only the final layer norm and
   *     the unembedding
   * @param residual the residual stream {@code [batch, pos, d_model]} entering that block; borrowed
   */
  public RunSpec startAt(int layer, INDArray residual) {
    return new RunSpec(
        tokens,
        tap,
        layer,
        Objects.requireNonNull(residual, "residual"),
        stopLayer,
        logits,
        keyValues,
        nanDetection);
  }

  /**
   * Returns this run stopped in front of a block: it computes no logits and returns the residual
   * stream entering that block, without offering it as that block's {@code hook_resid_pre}.
   *
   * @param layer the first block not to run
   */
  public RunSpec stopAt(int layer) {
    return new RunSpec(
        tokens, tap, startLayer, startResidual, layer, null, keyValues, nanDetection);
  }

  /** Returns this run with only the given logits computed. */
  public RunSpec withLogits(LogitSelection logits) {
    return new RunSpec(
        tokens, tap, startLayer, startResidual, stopLayer, logits, keyValues, nanDetection);
  }

  /** Returns this run as a continuation of what {@code keyValues} holds, which it extends. */
  public RunSpec withKeyValues(KeyValueCache keyValues) {
    return new RunSpec(
        tokens, tap, startLayer, startResidual, stopLayer, logits, keyValues, nanDetection);
  }

  /**
   * Returns this run with a check of every computed point: a NaN ends the run with a {@link
   * NanException} that names the first point that holds one.
   */
  public RunSpec detectingNan() {
    return new RunSpec(tokens, tap, startLayer, startResidual, stopLayer, logits, keyValues, true);
  }
}
