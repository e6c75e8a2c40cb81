package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One backward pass: from the logits through the unembedding, the final layer norm and the blocks,
 * last to first, with the gradient at every point offered on the way. A gradient of the residual
 * stream is a matrix {@code [batch·pos, d_model]}.
 */
final class BackwardPass {

  private final Gpt2Config config;
  private final Gpt2Weights weights;
  private final TokenBatch tokens;
  private final Map<HookPoint, INDArray> values;
  private final PointGradients gradients;

  /**
   * @param values what {@link RecordedPoints} held in the forward run; borrowed
   */
  BackwardPass(
      Gpt2 model, TokenBatch tokens, Map<HookPoint, INDArray> values, PointGradients gradients) {
    this.config = model.config();
    this.weights = model.weights();
    this.tokens = tokens;
    this.values = values;
    this.gradients = gradients;
  }

  /**
   * Runs the pass as far back as gradients are wanted.
   *
   * @param logitGradient {@code [batch, selected positions, selected tokens]}; borrowed
   */
  void run(LogitSelection selection, INDArray logitGradient) {
    try (Scratch scratch = new Scratch()) {
      INDArray residual = scratch.keep(finalLayerNorm(unembedding(selection, logitGradient)));
      int first = RecordedPoints.firstLayer(config, gradients.wanted());
      for (int layer = config.nLayers() - 1; layer >= first; layer--) {
        residual = scratch.keep(new BlockBackward(this, layer).apply(residual));
      }
      gradients.offer(HookPoint.of(Activation.EMBED), residual);
      gradients.offer(HookPoint.of(Activation.POS_EMBED), residual);
    }
  }

  /**
   * Returns the gradient at what the unembedding reads, as numbers {@code [batch·pos, d_model]}.
   */
  private double[] unembedding(LogitSelection selection, INDArray logitGradient) {
    double[] selected = Doubles.of(logitGradient);
    int[][] positions = selection.positions(tokens);
    int[] columns = selection.tokenIds();
    HookPoint logits = HookPoint.of(Activation.UNEMBED_OUT);
    try (Scratch scratch = new Scratch()) {
      if (gradients.wants(logits)) {
        double[] all = scattered(selected, positions, columns, config.dVocab());
        gradients.offer(logits, scratch.keep(array(all, rows(), config.dVocab())));
      }
      INDArray unembedding = weights.unembedding();
      INDArray read =
          columns == null ? unembedding : scratch.keep(Nd4j.pullRows(unembedding, 1, columns));
      long width = logitGradient.size(2);
      INDArray gradient = scratch.keep(array(selected, selected.length / width, width));
      INDArray input = scratch.keep(Products.timesTransposed(gradient, read.transpose()));
      return scattered(Doubles.of(input), positions, null, config.dModel());
    }
  }

  /**
   * Adds what stands at selected positions and columns up where they stand in the whole.
   *
   * @param selected {@code [batch, selected positions, selected columns]}
   * @param columns null for all
   * @return {@code [batch, pos, width]}, 0 elsewhere
   */
  private double[] scattered(
      double[] selected, int[][] positions, int @Nullable [] columns, int width) {
    double[] whole = new double[Math.multiplyExact(tokens.batch() * tokens.length(), width)];
    int from = 0;
    for (int prompt = 0; prompt < positions.length; prompt++) {
      for (int pos : positions[prompt]) {
        int row = (prompt * tokens.length() + pos) * width;
        int count = columns == null ? width : columns.length;
        for (int i = 0; i < count; i++) {
          whole[row + (columns == null ? i : columns[i])] += selected[from++];
        }
      }
    }
    return whole;
  }

  private INDArray finalLayerNorm(double[] gradient) {
    try (Scratch scratch = new Scratch()) {
      INDArray normalized = scratch.keep(array(gradient, rows(), config.dModel()));
      gradients.offer(HookPoint.of(Activation.UNEMBED_IN), normalized);
      gradients.offer(HookPoint.of(Activation.LN_FINAL_NORMALIZED), normalized);
      double[] x = numbers(HookPoint.of(Activation.RESID_POST, config.nLayers() - 1));
      HookPoint scalePoint = HookPoint.of(Activation.LN_FINAL_SCALE);
      double[] scale =
          values.containsKey(scalePoint)
              ? numbers(scalePoint)
              : LayerNormBackward.scale(x, config.dModel(), config.layerNormEpsilon());
      LayerNormBackward norm =
          LayerNormBackward.of(gradient, x, scale, Doubles.of(weights.lnFinal().gain()));
      gradients.offer(scalePoint, scratch.keep(array(norm.scale(), rows(), 1)));
      return array(norm.input(), rows(), config.dModel());
    }
  }

  Gpt2Config config() {
    return config;
  }

  Gpt2Weights weights() {
    return weights;
  }

  TokenBatch tokens() {
    return tokens;
  }

  PointGradients gradients() {
    return gradients;
  }

  /** Returns {@code batch·pos}. */
  long rows() {
    return (long) tokens.batch() * tokens.length();
  }

  /** Returns what a point held in the forward run; borrowed. */
  INDArray recorded(HookPoint point) {
    INDArray value = values.get(point);
    if (value == null) {
      throw new IllegalStateException(point + " was not recorded");
    }
    return value;
  }

  /** Returns what a point held in the forward run, as numbers. */
  double[] numbers(HookPoint point) {
    return Doubles.of(recorded(point));
  }

  /** Returns a new array of the model's type. */
  INDArray array(double[] numbers, long... shape) {
    return Doubles.array(numbers, weights.dataType(), shape);
  }
}
