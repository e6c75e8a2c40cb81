package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.lens.LogitTarget;
import dev.headlamp.hooks.lens.ResidualStream;
import dev.headlamp.tokenizer.Bos;
import java.util.Arrays;
import java.util.List;

/**
 * What a head alone adds to the logit difference of some prompts at the last position, on average.
 * Measured, as published, on weights processed as TransformerLens does: the value biases count with
 * the block's output bias and not with a head.
 */
record HeadAttributionCheck(List<AnsweredPrompt> prompts, Bos bos, HeadName head, Expectation mean)
    implements Check {

  @Override
  public String title() {
    return "direct logit attribution of %s, mean of %d prompts".formatted(head, prompts.size());
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    head.checkedFor(model.config());
    TokenBatch tokens = AnsweredPrompt.tokens(model, prompts, bos);
    int[] answers = AnsweredPrompt.answers(model, prompts);
    int[] wrongs = AnsweredPrompt.wrongs(model, prompts);
    double[] attributions;
    try (HookedGpt2 processed =
        HookedGpt2.of(model.engine().processed(WeightProcessing.transformerLens()))) {
      attributions = perPrompt(processed, tokens, answers, wrongs);
    }
    return List.of(
        new Finding.Measured(title(), mean, Arrays.stream(attributions).average().orElseThrow()));
  }

  /** Returns the attribution for each prompt, given the two tokens as ids. */
  double[] perPrompt(HookedGpt2 model, TokenBatch tokens, int[] answers, int[] wrongs) {
    CacheSpec atTheEnd =
        CacheSpec.of(
                HookPoint.of(Activation.Z, head.layer()), HookPoint.of(Activation.LN_FINAL_SCALE))
            .at(Positions.last());
    try (CachedRun run = model.runWithCache(tokens, atTheEnd)) {
      return ResidualStream.of(model, run.cache())
          .heads(head.layer())
          .attribution(LogitTarget.difference(answers, wrongs))
          .perPrompt()
          .slice("component", head.toString())
          .values();
    }
  }
}
