package dev.headlamp.experiments.verify;

import dev.headlamp.hooks.HookedGpt2;
import java.util.List;

/** A kind of figure that people publish of a model, with the values they found. */
sealed interface Check
    permits EmbeddingCheck,
        EnumerationCheck,
        HeadAblationCheck,
        HeadAttributionCheck,
        HeadScoreCheck,
        IoiSampleCheck,
        KnockOutCheck,
        LogitDifferenceCheck,
        LossCheck,
        NextTokenCheck,
        RepetitionAblationCheck,
        TokenIdCheck {

  /** Returns what is checked, in a few words. */
  String title();

  /**
   * Measures the model.
   *
   * @throws IllegalArgumentException if the model cannot be measured so: no such head, a text that
   *     is not one token, a prompt that does not fit
   * @throws IllegalStateException if the check is of texts and the model has no tokenizer
   * @throws ArithmeticException if the model gives logits that are NaN
   */
  List<Finding> measure(HookedGpt2 model);
}
