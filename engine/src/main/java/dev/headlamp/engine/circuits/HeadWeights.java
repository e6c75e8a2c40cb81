package dev.headlamp.engine.circuits;

import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.linalg.FactoredMatrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The weights of one attention head: views of the model's own, valid until the model is closed and
 * not to be written to.
 *
 * @param layer from 0
 * @param head from 0
 * @param wQ {@code [d_model, d_head]}
 * @param bQ {@code [d_head]}, or null where the architecture has none
 * @param wK {@code [d_model, d_head]}
 * @param bK {@code [d_head]}, or null
 * @param wV {@code [d_model, d_head]}
 * @param bV {@code [d_head]}, or null
 * @param wO {@code [d_head, d_model]}
 */
public record HeadWeights(
    int layer,
    int head,
    INDArray wQ,
    @Nullable INDArray bQ,
    INDArray wK,
    @Nullable INDArray bK,
    INDArray wV,
    @Nullable INDArray bV,
    INDArray wO) {

  /**
   * Returns the weights of a head.
   *
   * @throws IllegalArgumentException if the model has no such layer or head
   * @throws IllegalStateException if the model is closed
   */
  public static HeadWeights of(Gpt2 model, int layer, int head) {
    Gpt2Config config = model.config();
    BlockWeights block = model.weights().blocks().get(config.checkLayer(layer));
    long start = (long) config.checkHead(head) * config.dHead();
    INDArrayIndex own = NDArrayIndex.interval(start, start + config.dHead());
    return new HeadWeights(
        layer,
        head,
        block.wQ().get(NDArrayIndex.all(), own),
        slice(block.bQ(), own),
        block.wK().get(NDArrayIndex.all(), own),
        slice(block.bK(), own),
        block.wV().get(NDArrayIndex.all(), own),
        slice(block.bV(), own),
        block.wO().get(own, NDArrayIndex.all()));
  }

  private static @Nullable INDArray slice(@Nullable INDArray bias, INDArrayIndex own) {
    return bias == null ? null : bias.get(own);
  }

  /**
   * Returns the OV circuit {@code wV·wO [d_model, d_model]}: what the head adds to the residual
   * stream at the destination for a residual stream (a row) at the source. Biases are left out.
   */
  public FactoredMatrix ov() {
    return FactoredMatrix.of(wV, wO);
  }

  /**
   * Returns the QK circuit {@code wQ·wKᵀ [d_model, d_model]}: the attention score of a destination
   * (left, a row) and a source (right, a column), before its scaling. Biases are left out.
   */
  public FactoredMatrix qk() {
    return FactoredMatrix.of(wQ, wK.transpose());
  }

  /**
   * Returns the OV circuit from tokens to tokens, {@code wE·wV·wO·wU [d_vocab, d_vocab]}: what
   * attending to a token (row) does to the logit of each token (column).
   */
  public FactoredMatrix fullOv(Gpt2Weights weights) {
    return ov().leftTimes(weights.wE()).times(weights.wU());
  }

  /**
   * Returns the QK circuit from tokens to tokens, {@code wE·wQ·wKᵀ·wEᵀ [d_vocab, d_vocab]}: the
   * score of a destination token (row) and a source token (column).
   */
  public FactoredMatrix fullQk(Gpt2Weights weights) {
    return qk().leftTimes(weights.wE()).times(weights.wE().transpose());
  }
}
