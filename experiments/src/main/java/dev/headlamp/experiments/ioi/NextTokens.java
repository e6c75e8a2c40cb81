package dev.headlamp.experiments.ioi;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a model says of the token that follows each prompt. */
public final class NextTokens {

  private NextTokens() {}

  /**
   * Runs a model on all prompts at once.
   *
   * @throws IllegalArgumentException if the prompts do not fit the model
   * @throws ArithmeticException if the model gives logits that are NaN
   */
  public static List<NextToken> after(HookedGpt2 model, IoiDataset prompts) {
    return after(model, prompts, model.newHooks());
  }

  /**
   * Runs a model on all prompts at once, with hooks.
   *
   * @throws IllegalArgumentException if the prompts do not fit the model
   * @throws ArithmeticException if the model gives logits that are NaN
   */
  public static List<NextToken> after(HookedGpt2 model, IoiDataset prompts, HookRegistry hooks) {
    RunSpec run = RunSpec.of(prompts.tokens()).withLogits(LogitSelection.last());
    try (INDArray logits = model.run(run, hooks).logits()) {
      List<NextToken> next =
          IntStream.range(0, prompts.size())
              .mapToObj(prompt -> NextToken.of(logits, prompt, 0))
              .toList();
      if (next.stream().anyMatch(token -> Double.isNaN(token.logProbability(0)))) {
        throw new ArithmeticException(model.config().name() + " gives logits that are NaN");
      }
      return next;
    }
  }
}
