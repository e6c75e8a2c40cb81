package dev.headlamp.engine;

/**
 * One step of weight processing: pure functions from weights to weights, one for each part of a
 * model, so that a large model is processed a part at a time. Arguments are float64 and not written
 * to; what a step changes comes back in new float64 arrays, what it leaves comes back itself.
 */
interface ProcessingStep {

  /** Returns the embeddings after this step. */
  default EmbeddingWeights embedding(EmbeddingWeights embedding) {
    return embedding;
  }

  /** Returns the block of {@code layer} after this step. */
  default BlockWeights block(BlockWeights block, Gpt2Config config, int layer) {
    return block;
  }

  /** Returns the unembedding after this step. */
  default UnembeddingWeights unembedding(UnembeddingWeights unembedding) {
    return unembedding;
  }
}
