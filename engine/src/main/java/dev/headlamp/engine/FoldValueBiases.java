package dev.headlamp.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * fold_value_biases: a pattern's weights sum to 1, so every position's z holds the whole of bV, and
 * the attention's output {@code bV·wO}.
 */
final class FoldValueBiases implements ProcessingStep {

  @Override
  public BlockWeights block(BlockWeights block, Gpt2Config config, int layer) {
    INDArray bV = block.bV();
    if (bV == null) {
      return block;
    }
    INDArray bO = Float64.times(block.wO().transpose(), bV).addi(block.bO());
    return block.withOv(block.wV(), bV.like(), block.wO(), bO);
  }
}
