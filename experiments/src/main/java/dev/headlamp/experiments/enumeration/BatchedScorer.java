package dev.headlamp.experiments.enumeration;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import java.util.List;

/**
 * Runs every prompt whole, a batch at a time; of the unembedding only the last positions and the
 * tokens asked for are computed.
 */
record BatchedScorer(Gpt2 model) implements PromptScorer {

  private static final int BATCH = 256;

  @Override
  public float[] score(List<ScoredPrompt> prompts) {
    float[] differences = new float[prompts.size()];
    for (int from = 0; from < prompts.size(); from += BATCH) {
      List<ScoredPrompt> batch = prompts.subList(from, Math.min(prompts.size(), from + BATCH));
      float[] scored = scoreBatch(batch);
      System.arraycopy(scored, 0, differences, from, scored.length);
    }
    return differences;
  }

  private float[] scoreBatch(List<ScoredPrompt> batch) {
    AnswerTokens answers = AnswerTokens.of(batch);
    TokenBatch tokens =
        TokenBatch.of(batch.stream().map(ScoredPrompt::tokens).toArray(int[][]::new));
    RunSpec run = RunSpec.of(tokens).withLogits(LogitSelection.last().tokens(answers.tokens()));
    try (RunResult result = model.run(run)) {
      return answers.differences(batch, result.logits());
    }
  }

  @Override
  public long work(List<ScoredPrompt> prompts) {
    return prompts.stream().mapToLong(prompt -> prompt.tokens().length).sum();
  }
}
