package dev.headlamp.engine;

import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer norm: (x - mean) / sqrt(variance + eps) · gain + bias.
 *
 * @param gain {@code [d_model]}
 * @param bias {@code [d_model]}
 */
public record LayerNormWeights(INDArray gain, INDArray bias) {

  LayerNormWeights map(UnaryOperator<INDArray> f) {
    return new LayerNormWeights(f.apply(gain), f.apply(bias));
  }
}
