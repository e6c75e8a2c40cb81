package dev.headlamp.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * center_writing_weights: whatever is written to the residual stream loses its mean over d_model,
 * which no layer norm lets through.
 */
final class CenterWritingWeights implements ProcessingStep {

  @Override
  public EmbeddingWeights embedding(EmbeddingWeights embedding) {
    return embedding.map(CenterWritingWeights::centred);
  }

  @Override
  public BlockWeights block(BlockWeights block, Gpt2Config config, int layer) {
    return block
        .withOv(block.wV(), block.bV(), centred(block.wO()), centredBias(block.bO()))
        .withMlp(block.wIn(), block.bIn(), centred(block.wOut()), centredBias(block.bOut()));
  }

  private static INDArray centred(INDArray w) {
    return Float64.subtractRowMeans(w.dup('c'));
  }

  private static INDArray centredBias(INDArray b) {
    return b.sub(b.meanNumber());
  }
}
