package dev.headlamp.experiments.verify;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.tokenizer.Bos;
import java.util.List;

/** A prompt, the token that ought to follow it, and one that ought not to; both given as text. */
record AnsweredPrompt(String prompt, String answer, String wrong) {

  static TokenBatch tokens(HookedGpt2 model, List<AnsweredPrompt> prompts, Bos bos) {
    return model.toTokens(prompts.stream().map(AnsweredPrompt::prompt).toList(), bos);
  }

  /** Returns logit[answer] − logit[wrong] of each prompt. */
  static Metric logitDifference(HookedGpt2 model, List<AnsweredPrompt> prompts) {
    return Metrics.logitDifference(answers(model, prompts), wrongs(model, prompts));
  }

  static int[] answers(HookedGpt2 model, List<AnsweredPrompt> prompts) {
    return prompts.stream().mapToInt(p -> model.tokenizer().toSingleToken(p.answer())).toArray();
  }

  static int[] wrongs(HookedGpt2 model, List<AnsweredPrompt> prompts) {
    return prompts.stream().mapToInt(p -> model.tokenizer().toSingleToken(p.wrong())).toArray();
  }
}
