package dev.headlamp.bench.models;

import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.LayerNormWeights;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A GPT-2 of seeded random weights, so large that attention is no mean and a patch changes the
 * logits by more than rounding does.
 */
public final class GeneratedModel {

  private static final double WEIGHT_RANGE = 0.2;

  private final Gpt2Config config;
  private final SplittableRandom random;

  private GeneratedModel(Gpt2Config config, long seed) {
    this.config = config;
    this.random = new SplittableRandom(seed);
  }

  /** Returns the model of a shape; owned by the caller. */
  public static HookedGpt2 of(ModelShape shape) {
    return of(shape.config());
  }

  /** Returns the model of any sizes; owned by the caller. */
  public static HookedGpt2 of(Gpt2Config config) {
    return HookedGpt2.of(Gpt2.of(config, new GeneratedModel(config, 1).weights()));
  }

  /** Returns seeded random prompts of one length. */
  public static TokenBatch tokens(Gpt2Config config, int batch, int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] prompts = new int[batch][length];
    for (int[] prompt : prompts) {
      for (int pos = 0; pos < length; pos++) {
        prompt[pos] = random.nextInt(config.dVocab());
      }
    }
    return TokenBatch.of(prompts);
  }

  private Gpt2Weights weights() {
    int dModel = config.dModel();
    INDArray wE = array(config.dVocab(), dModel);
    List<BlockWeights> blocks = new ArrayList<>();
    for (int layer = 0; layer < config.nLayers(); layer++) {
      blocks.add(
          new BlockWeights(
              layerNorm(),
              array(dModel, dModel),
              array(dModel),
              array(dModel, dModel),
              array(dModel),
              array(dModel, dModel),
              array(dModel),
              array(dModel, dModel),
              array(dModel),
              layerNorm(),
              array(dModel, config.dMlp()),
              array(config.dMlp()),
              array(config.dMlp(), dModel),
              array(dModel)));
    }
    return new Gpt2Weights(wE, array(config.nCtx(), dModel), blocks, layerNorm(), wE, null);
  }

  private LayerNormWeights layerNorm() {
    return new LayerNormWeights(array(config.dModel()).addi(1), array(config.dModel()));
  }

  private INDArray array(int... shape) {
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (WEIGHT_RANGE * (random.nextDouble() - 0.5));
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }
}
