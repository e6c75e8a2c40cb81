package dev.headlamp.experiments.enumeration;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes what prompts share at their beginning once. */
record PrefixScorer(Gpt2 model) implements PromptScorer {

  /** What GPT-2 small has in its blocks: it takes 1024 prompts in some seconds. */
  private static final long PARAMETERS_OF_SMALL = 85_000_000;

  private static final int FEWEST = 1024;
  private static final int MOST = 8192;

  /** A smaller model takes more at once: to it the call costs more than what is in it. */
  @Override
  public int block() {
    Gpt2Config config = model.config();
    long parameters =
        (4L * config.dModel() + 2L * config.dMlp()) * config.dModel() * config.nLayers();
    return (int) Math.max(FEWEST, Math.min(MOST, FEWEST * PARAMETERS_OF_SMALL / parameters));
  }

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
