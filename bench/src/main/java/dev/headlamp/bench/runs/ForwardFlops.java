package dev.headlamp.bench.runs;

import dev.headlamp.engine.Gpt2Config;

/**
 * The floating point operations of a run with all logits, a multiplication and an addition counted
 * as two.
 *
 * @param layers blocks
 * @param width of the residual stream, d_model
 * @param mlpWidth neurons of a block
 * @param vocabulary tokens there are
 */
public record ForwardFlops(int layers, int width, int mlpWidth, int vocabulary) {

  /** Returns the operations of a model of these sizes. */
  public static ForwardFlops of(Gpt2Config config) {
    return new ForwardFlops(config.nLayers(), config.dModel(), config.dMlp(), config.dVocab());
  }

  /** Returns those of a block's matrices for a token: 14.16 million in GPT-2 small. */
  public double blockPerToken() {
    return 2.0 * width * (4.0 * width + 2.0 * mlpWidth);
  }

  /** Returns those of the unembedding for a position: 77.2 million in GPT-2 small. */
  public double unembeddingPerPosition() {
    return 2.0 * width * vocabulary;
  }

  /** Returns those of all matrices for {@code batch} prompts of {@code tokens} tokens. */
  public double matrices(int batch, int tokens) {
    return (double) batch * tokens * (layers * blockPerToken() + unembeddingPerPosition());
  }

  /**
   * Returns those of attention itself, scores and mixing over all pairs of positions, masked ones
   * too: 4 · batch · tokens² · d_model in each layer.
   */
  public double attention(int batch, int tokens) {
    return 4.0 * batch * tokens * tokens * width * layers;
  }

  /** Returns the float32 bytes of the weights that a token is multiplied with: not W_pos. */
  public double weightBytesOfAToken() {
    return (layers * blockPerToken() + unembeddingPerPosition()) / 2 * Float.BYTES;
  }
}
