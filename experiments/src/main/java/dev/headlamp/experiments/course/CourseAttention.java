package dev.headlamp.experiments.course;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.attention.AttentionPatterns;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where the heads look. */
public final class CourseAttention {

  private CourseAttention() {}

  /**
   * Returns the patterns of all heads in the first of some prompts.
   *
   * @throws IllegalArgumentException if the prompt does not fit the model
   */
  public static AttentionPatterns inFirst(HookedGpt2 model, TokenBatch prompts) {
    TokenBatch first = TokenBatch.of(prompts.prompt(0));
    List<String> tokens = IntStream.of(first.prompt(0)).mapToObj(model::tokenText).toList();
    int layers = model.config().nLayers();
    try (CachedRun run =
        model.runWithCache(first, CacheSpec.of(Activation.PATTERN).stopAt(layers))) {
      List<INDArray> patterns =
          IntStream.range(0, layers)
              .mapToObj(layer -> run.cache().get(HookPoint.of(Activation.PATTERN, layer)))
              .toList();
      return AttentionPatterns.of("attention in the first prompt", patterns, 0, tokens);
    }
  }
}
