package dev.headlamp.hooks.heads;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.circuits.HeadWeights;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.HookedGpt2;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Attention patterns weighted by how much each source has to give: a head that rests attends to a
 * token whose value is small (Kobayashi et al. 2020, "Attention is Not Only a Weight: Analyzing
 * Transformers with Vector Norms", section 3).
 */
public final class ValueWeightedPattern {

  private ValueWeightedPattern() {}

  /**
   * Returns {@code pattern[dest, src] · norm[src]} of the heads of a layer: {@code [batch, head,
   * dest_pos, src_pos]}, owned by the caller. Value biases count as in the model: after {@code
   * fold_value_biases} they are in no value.
   *
   * @param cache that layer's pattern and v at all positions
   * @param norm whose length is taken
   * @throws IllegalArgumentException if there is no such layer, the cache holds less, or it is of a
   *     run of another model
   */
  @SuppressWarnings("try") // The scope is used by being open.
  public static INDArray of(HookedGpt2 model, ActivationCache cache, int layer, ValueNorm norm) {
    model.config().checkLayer(layer);
    Patterns.requireEveryRow(cache.checkedFor(model));
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray weighted = cache.get(HookPoint.of(Activation.PATTERN, layer)).dup('c');
      INDArray values = cache.get(HookPoint.of(Activation.V, layer));
      for (int head = 0; head < model.config().nHeads(); head++) {
        HeadWeights weights = HeadWeights.of(model.engine(), layer, head);
        for (int prompt = 0; prompt < cache.tokens().batch(); prompt++) {
          INDArray ofHead = values.slice(prompt).slice(head, 1); // [src_pos, d_head]
          try (INDArray norms = norms(ofHead, weights, norm)) {
            weighted.slice(prompt).slice(head).muliRowVector(norms);
          }
        }
      }
      return weighted;
    }
  }

  private static INDArray norms(INDArray values, HeadWeights weights, ValueNorm norm) {
    if (norm == ValueNorm.VALUE) {
      return values.norm2(1);
    }
    try (INDArray written = values.mmul(weights.wO())) {
      return written.norm2(1);
    }
  }
}
