package dev.headlamp.experiments.cli;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model says of a prompt's right and wrong answer.
 *
 * @param answer the right one
 * @param wrong the wrong one
 */
record AnswerReadout(NextToken.Candidate answer, NextToken.Candidate wrong) {

  /** Runs the prompts and returns what the model says of their answers. */
  static List<AnswerReadout> of(
      HookedGpt2 model, TokenBatch tokens, List<Integer> answers, List<Integer> wrong) {
    List<NextToken> next = nextTokens(model, RunSpec.of(tokens), model.newHooks());
    return IntStream.range(0, next.size())
        .mapToObj(
            i ->
                new AnswerReadout(
                    next.get(i).candidate(answers.get(i)), next.get(i).candidate(wrong.get(i))))
        .toList();
  }

  /**
   * Runs the prompts and returns what the model says of the token that follows each.
   *
   * @throws InputException if the model gives no numbers
   */
  static List<NextToken> nextTokens(HookedGpt2 model, RunSpec spec, HookRegistry hooks) {
    RunSpec last = spec.withLogits(LogitSelection.last());
    try (RunResult run = InputException.blaming(() -> model.run(last, hooks))) {
      List<NextToken> next =
          IntStream.range(0, spec.tokens().batch())
              .mapToObj(prompt -> NextToken.of(run.logits(), prompt, 0))
              .toList();
      if (next.stream().anyMatch(token -> Double.isNaN(token.logProbability(0)))) {
        throw InputException.notNumbers(model.config().name());
      }
      return next;
    }
  }

  /** Returns logit[right] − logit[wrong]. */
  double logitDifference() {
    return answer.logit() - wrong.logit();
  }

  static double meanLogitDifference(List<AnswerReadout> readouts) {
    return readouts.stream().mapToDouble(AnswerReadout::logitDifference).average().orElseThrow();
  }
}
