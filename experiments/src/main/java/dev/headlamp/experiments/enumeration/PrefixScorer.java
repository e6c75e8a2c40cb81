package dev.headlamp.experiments.enumeration;

import dev.headlamp.engine.Gpt2;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes what prompts share at their beginning once. */
record PrefixScorer(Gpt2 model) implements PromptScorer {

  @Override
  public float[] score(List<ScoredPrompt> prompts) {
    AnswerTokens answers = AnswerTokens.of(prompts);
    try (INDArray logits =
        model.lastLogits(prompts.stream().map(ScoredPrompt::tokens).toList(), answers.tokens())) {
      return answers.differences(prompts, logits);
    }
  }

  /** Returns the number of different beginnings: sorted prompts share one with a neighbour. */
  @Override
  public long work(List<ScoredPrompt> prompts) {
    long tokens = 0;
    int[] before = {};
    for (ScoredPrompt prompt : prompts) {
      int shared = Arrays.mismatch(before, prompt.tokens());
      tokens += shared < 0 ? 0 : prompt.tokens().length - shared;
      before = prompt.tokens();
    }
    return tokens;
  }
}
