package dev.headlamp.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * fold_ln: {@code (x·gain + bias)·W + b} is {@code x·(gain·W) + (bias·W + b)}, and since the mean
 * of x is 0, W may lose its mean over d_model.
 */
final class FoldLayerNorm implements ProcessingStep {

  private record Projection(INDArray w, INDArray b) {}

  @Override
  public BlockWeights block(BlockWeights block, Gpt2Config config, int layer) {
    Projection q = fold(block.ln1(), block.wQ(), block.bQ());
    Projection k = fold(block.ln1(), block.wK(), block.bK());
    Projection v = fold(block.ln1(), block.wV(), block.bV());
    Projection in = fold(block.ln2(), block.wIn(), block.bIn());
    return block
        .withLayerNorms(plain(block.ln1()), plain(block.ln2()))
        .withQk(q.w(), q.b(), k.w(), k.b())
        .withOv(v.w(), v.b(), block.wO(), block.bO())
        .withMlp(in.w(), in.b(), block.wOut(), block.bOut());
  }

  @Override
  public UnembeddingWeights unembedding(UnembeddingWeights unembedding) {
    INDArray byToken = unembedding.byToken();
    LayerNormWeights norm = unembedding.lnFinal();
    INDArray added = Float64.times(byToken, norm.bias());
    INDArray bU = unembedding.bU();
    INDArray folded = Float64.scaleColumns(byToken, norm.gain());
    return new UnembeddingWeights(
        plain(norm), Float64.subtractRowMeans(folded), bU == null ? added : added.addi(bU));
  }

  private static Projection fold(LayerNormWeights norm, INDArray w, @Nullable INDArray b) {
    INDArray added = Float64.times(w.transpose(), norm.bias());
    INDArray folded = Float64.scaleRows(w, norm.gain());
    return new Projection(Float64.subtractColumnMeans(folded), b == null ? added : added.addi(b));
  }

  /** Returns a layer norm that only normalizes. */
  private static LayerNormWeights plain(LayerNormWeights norm) {
    return new LayerNormWeights(norm.gain().like().assign(1), norm.bias().like());
  }
}
