package dev.headlamp.experiments.verify;

import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.tokenizer.Bos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The logit differences of some prompts.
 *
 * @param each the figure of each prompt; empty where only the mean is published
 * @param mean the figure of their mean
 */
record LogitDifferenceCheck(
    List<AnsweredPrompt> prompts, Bos bos, List<Expectation> each, Expectation mean)
    implements Check {

  LogitDifferenceCheck {
    if (!each.isEmpty() && each.size() != prompts.size()) {
      throw new IllegalArgumentException(
          "%d figures for %d prompts".formatted(each.size(), prompts.size()));
    }
  }

  @Override
  public String title() {
    return "logit differences of %d prompts".formatted(prompts.size());
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    Metric difference = AnsweredPrompt.logitDifference(model, prompts);
    TokenBatch tokens = AnsweredPrompt.tokens(model, prompts, bos);
    double[] values;
    try (INDArray logits =
        model.engine().run(RunSpec.of(tokens).withLogits(difference.reads())).logits()) {
      values = difference.perPrompt(logits, tokens);
    }
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < each.size(); i++) {
      AnsweredPrompt prompt = prompts.get(i);
      String what =
          "logit difference \"%s\" − \"%s\" after \"%s\""
              .formatted(prompt.answer(), prompt.wrong(), prompt.prompt());
      findings.add(new Finding.Measured(what, each.get(i), values[i]));
    }
    findings.add(
        new Finding.Measured(
            "mean logit difference of %d prompts from \"%s\" on"
                .formatted(values.length, prompts.get(0).prompt()),
            mean,
            Arrays.stream(values).average().orElseThrow()));
    return findings;
  }
}
