package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LayerNormWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The backward pass of one block: {@code resid_mid = resid_pre + attention(ln1(resid_pre))}, {@code
 * resid_post = resid_mid + mlp(ln2(resid_mid))}. Each residual sum passes its gradient on to both
 * of its terms.
 */
final class BlockBackward {

  private final BackwardPass pass;
  private final Gpt2Config config;
  private final BlockWeights weights;
  private final int layer;

  BlockBackward(BackwardPass pass, int layer) {
    this.pass = pass;
    this.config = pass.config();
    this.weights = pass.weights().blocks().get(layer);
    this.layer = layer;
  }

  /**
   * Returns the gradient at the residual stream entering the block, a new array.
   *
   * @param residPost the gradient at the one leaving it, {@code [batch·pos, d_model]}; borrowed
   */
  INDArray apply(INDArray residPost) {
    try (Scratch scratch = new Scratch()) {
      offer(Activation.RESID_POST, residPost);
      offer(Activation.MLP_OUT, residPost);
      INDArray mlpIn = mlp(scratch, residPost);
      INDArray residMid = scratch.keep(residPost.add(mlpIn));
      offer(Activation.RESID_MID, residMid);
      offer(Activation.ATTN_OUT, residMid);
      offerResults(scratch, residMid);
      INDArray normalized = new AttentionBackward(this).apply(scratch, residMid);
      offer(Activation.LN1_NORMALIZED, normalized);
      INDArray attnIn =
          layerNorm(scratch, normalized, weights.ln1(), Activation.RESID_PRE, Activation.LN1_SCALE);
      INDArray residPre = residMid.add(attnIn);
      offer(Activation.RESID_PRE, residPre);
      return residPre;
    }
  }

  private INDArray mlp(Scratch scratch, INDArray mlpOut) {
    INDArray post = scratch.keep(Products.timesTransposed(mlpOut, weights.wOut()));
    offer(Activation.MLP_POST, post);
    double[] pre = Doubles.of(post);
    double[] neurons = pass.numbers(point(Activation.MLP_PRE));
    for (int i = 0; i < pre.length; i++) {
      pre[i] *= ActivationDerivative.at(config.activation(), neurons[i]);
    }
    INDArray preGradient = scratch.keep(pass.array(pre, pass.rows(), config.dMlp()));
    offer(Activation.MLP_PRE, preGradient);
    INDArray normalized = scratch.keep(Products.timesTransposed(preGradient, weights.wIn()));
    offer(Activation.LN2_NORMALIZED, normalized);
    INDArray input =
        layerNorm(scratch, normalized, weights.ln2(), Activation.MLP_IN, Activation.LN2_SCALE);
    offer(Activation.MLP_IN, input);
    return input;
  }

  /** Returns the gradient at a layer norm's input, and offers the one at its scale. */
  private INDArray layerNorm(
      Scratch scratch,
      INDArray normalized,
      LayerNormWeights norm,
      Activation inputPoint,
      Activation scalePoint) {
    LayerNormBackward backward =
        LayerNormBackward.of(
            Doubles.of(normalized),
            pass.numbers(point(inputPoint)),
            pass.numbers(point(scalePoint)),
            Doubles.of(norm.gain()));
    offer(scalePoint, scratch.keep(pass.array(backward.scale(), pass.rows(), 1)));
    return scratch.keep(pass.array(backward.input(), pass.rows(), config.dModel()));
  }

  /** The output is the sum of the heads' results: each has the gradient of the output. */
  private void offerResults(Scratch scratch, INDArray attnOut) {
    if (wants(Activation.RESULT)) {
      INDArray results =
          scratch.keep(
              Nd4j.createUninitialized(
                  attnOut.dataType(),
                  new long[] {pass.rows(), config.nHeads(), config.dModel()},
                  'c'));
      for (int head = 0; head < config.nHeads(); head++) {
        results
            .get(NDArrayIndex.all(), NDArrayIndex.point(head), NDArrayIndex.all())
            .assign(attnOut);
      }
      offer(Activation.RESULT, results);
    }
  }

  void offer(Activation activation, INDArray gradient) {
    pass.gradients().offer(point(activation), gradient);
  }

  boolean wants(Activation activation) {
    return pass.gradients().wants(point(activation));
  }

  HookPoint point(Activation activation) {
    return HookPoint.of(activation, layer);
  }

  BackwardPass pass() {
    return pass;
  }

  BlockWeights weights() {
    return weights;
  }

  double scoreDivisor() {
    return config.scoreDivisor(layer);
  }
}
