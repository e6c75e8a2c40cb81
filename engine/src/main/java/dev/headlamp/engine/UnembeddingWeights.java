package dev.headlamp.engine;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the residual stream passes last.
 *
 * @param lnFinal final layer norm
 * @param byToken W_U transposed: {@code [d_vocab, d_model]}
 * @param bU {@code [d_vocab]}, or null where there is none
 */
record UnembeddingWeights(LayerNormWeights lnFinal, INDArray byToken, @Nullable INDArray bU) {

  UnembeddingWeights map(UnaryOperator<INDArray> f) {
    return new UnembeddingWeights(
        lnFinal.map(f), f.apply(byToken), bU == null ? null : f.apply(bU));
  }
}
