package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The mean logit difference of some prompts with the z of a head set to 0 at the last position. As
 * published, on weights processed as TransformerLens does: there z is without the value bias, so
 * that 0 means something else than on the weights as they are.
 */
record HeadAblationCheck(
    List<AnsweredPrompt> prompts, Bos bos, HeadName head, Expectation meanAfter) implements Check {

  @Override
  public String title() {
    return "mean logit difference of %d prompts with z of %s zero at the last position"
        .formatted(prompts.size(), head);
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    head.checkedFor(model.config());
    Metric difference = AnsweredPrompt.logitDifference(model, prompts);
    TokenBatch tokens = AnsweredPrompt.tokens(model, prompts, bos);
    RunSpec run = RunSpec.of(tokens).withLogits(difference.reads());
    try (HookedGpt2 processed =
            HookedGpt2.of(model.engine().processed(WeightProcessing.transformerLens()));
        HookRegistry hooks = processed.newHooks()) {
      hooks.add(
          HookPoint.of(Activation.Z, head.layer()),
          Part.everything().heads(head.head()).at(Positions.last()),
          Interventions.zero());
      try (INDArray logits = processed.run(run, hooks).logits()) {
        return List.of(new Finding.Measured(title(), meanAfter, difference.mean(logits, tokens)));
      }
    }
  }
}
