package dev.headlamp.experiments.enumeration;

import dev.headlamp.engine.Gpt2;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** Runs a model on prompts and compares two logits after each. */
public interface PromptScorer {

  /**
   * Returns the fastest scorer there is for a model: one that computes what prompts share at their
   * beginning once, which is for float32.
   */
  static PromptScorer of(Gpt2 model) {
    return model.dataType() == DataType.FLOAT ? new PrefixScorer(model) : batched(model);
  }

  /** Returns the scorer that runs prompts in plain batches, each from its first token on. */
  static PromptScorer batched(Gpt2 model) {
    return new BatchedScorer(model);
  }

  /**
   * Returns how many prompts to score at once. Between two blocks a run can be stopped, and shows
   * how far it has come.
   */
  default int block() {
    return 1024;
  }

  /**
   * Returns {@code logit[answer] - logit[wrong]} at the last position of each prompt.
   *
   * @param prompts prompts of one length, sorted by their tokens, so that those which begin alike
   *     stand together
   * @return {@code [prompt]}
   */
  float[] score(List<ScoredPrompt> prompts);

  /**
   * Returns how much there is to compute for such prompts, in units of equal time: tokens that the
   * model is run on.
   */
  long work(List<ScoredPrompt> prompts);
}
