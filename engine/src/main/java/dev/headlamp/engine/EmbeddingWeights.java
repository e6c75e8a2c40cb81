package dev.headlamp.engine;

import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a model's input passes first.
 *
 * @param wE {@code [d_vocab, d_model]}
 * @param wPos {@code [n_ctx, d_model]}
 */
record EmbeddingWeights(INDArray wE, INDArray wPos) {

  EmbeddingWeights map(UnaryOperator<INDArray> f) {
    return new EmbeddingWeights(f.apply(wE), f.apply(wPos));
  }
}
