package dev.headlamp.experiments.course;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where some heads look in one prompt. */
public final class AttentionPatterns {

  private AttentionPatterns() {}

  /**
   * Returns the pattern of each head, {@code [dest_pos, src_pos]}, called {@code attention of 9.6}.
   *
   * @param prompt the first prompt of this batch is run
   * @throws IllegalArgumentException if the model has no such head, or the prompt does not fit
   */
  public static List<LabelledArray> of(HookedGpt2 model, TokenBatch prompt, List<FoundHead> heads) {
    TokenBatch first = TokenBatch.of(prompt.prompt(0));
    List<String> tokens = IntStream.of(first.prompt(0)).mapToObj(model::tokenText).toList();
    List<Axis> axes =
        List.of(Axis.positions("dest_pos", tokens), Axis.positions("src_pos", tokens));
    CacheSpec spec = CacheSpec.of(Activation.PATTERN).stopAt(model.config().nLayers());
    try (CachedRun run = model.runWithCache(first, spec)) {
      return heads.stream()
          .map(
              head -> {
                INDArray ofLayer = run.cache().get(HookPoint.of(Activation.PATTERN, head.layer()));
                return LabelledArray.of(
                    "attention of " + head.name(),
                    "attention",
                    axes,
                    ofLayer.slice(0).slice(model.config().checkHead(head.head())));
              })
          .toList();
    }
  }
}
