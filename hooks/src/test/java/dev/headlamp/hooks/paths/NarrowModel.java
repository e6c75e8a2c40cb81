package dev.headlamp.hooks.paths;

import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.LayerNormWeights;
import dev.headlamp.hooks.HookedGpt2;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** GPT-2 small's layers and heads, of random weights and a sixteenth of its width. */
final class NarrowModel {

  private static final Gpt2Config CONFIG = Gpt2Config.ofSize("narrow", 12, 12, 48, 32, 101);

  private final Random random = new Random(1);

  private NarrowModel() {}

  static HookedGpt2 load() {
    return HookedGpt2.of(Gpt2.of(CONFIG, new NarrowModel().weights()));
  }

  private Gpt2Weights weights() {
    int d = CONFIG.dModel();
    int dMlp = CONFIG.dMlp();
    List<BlockWeights> blocks = new ArrayList<>();
    for (int layer = 0; layer < CONFIG.nLayers(); layer++) {
      blocks.add(
          new BlockWeights(
              layerNorm(),
              random(d, d),
              random(d),
              random(d, d),
              random(d),
              random(d, d),
              random(d),
              random(d, d),
              random(d),
              layerNorm(),
              random(d, dMlp),
              random(dMlp),
              random(dMlp, d),
              random(d)));
    }
    INDArray wE = random(CONFIG.dVocab(), d);
    return new Gpt2Weights(wE, random(CONFIG.nCtx(), d), blocks, layerNorm(), wE, null);
  }

  private LayerNormWeights layerNorm() {
    return new LayerNormWeights(random(CONFIG.dModel()).addi(1), random(CONFIG.dModel()));
  }

  private INDArray random(int... shape) {
    float[] values = new float[shape.length == 1 ? shape[0] : shape[0] * shape[1]];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.1 * random.nextGaussian());
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }
}
