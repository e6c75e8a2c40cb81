package dev.headlamp.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/** center_unembed: every logit of a position loses the same number, which a softmax ignores. */
final class CenterUnembed implements ProcessingStep {

  @Override
  public UnembeddingWeights unembedding(UnembeddingWeights unembedding) {
    INDArray bU = unembedding.bU();
    return new UnembeddingWeights(
        unembedding.lnFinal(),
        Float64.subtractColumnMeans(unembedding.byToken().dup('c')),
        bU == null ? null : bU.sub(bU.meanNumber()));
  }
}
