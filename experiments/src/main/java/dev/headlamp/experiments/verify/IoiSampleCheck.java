package dev.headlamp.experiments.verify;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiPrompts;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Statistics of a sample of IOI prompts: all templates, both orders of the names, the same sample
 * every time.
 *
 * @param count how many prompts
 * @param mean the mean logit difference
 * @param right the share of prompts whose logit difference is above zero
 * @param probability the mean probability of the indirect object
 */
record IoiSampleCheck(
    int count, Bos bos, Expectation mean, Expectation right, Expectation probability)
    implements Check {

  private static final int BATCH = 50;

  @Override
  public String title() {
    return "%d IOI prompts".formatted(count);
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    List<IoiPrompt> sample = sample(model);
    double differences = 0;
    int rightOnes = 0;
    double probabilities = 0;
    for (int from = 0; from < count; from += BATCH) {
      List<IoiPrompt> batch = sample.subList(from, Math.min(count, from + BATCH));
      TokenBatch tokens = model.toTokens(batch.stream().map(IoiPrompt::text).toList(), bos);
      RunSpec run = RunSpec.of(tokens).withLogits(LogitSelection.last());
      try (INDArray logits = model.engine().run(run).logits()) {
        for (int i = 0; i < batch.size(); i++) {
          NextToken next = NextToken.of(logits, i, 0);
          int indirectObject = token(model, batch.get(i).indirectObject());
          double difference =
              next.logit(indirectObject) - next.logit(token(model, batch.get(i).subject1()));
          differences += difference;
          rightOnes += difference > 0 ? 1 : 0;
          probabilities += next.probability(indirectObject);
        }
      }
    }
    String of = " of a sample of %d IOI prompts".formatted(count);
    return List.of(
        new Finding.Measured("mean logit difference" + of, mean, differences / count),
        new Finding.Measured("share above zero" + of, right, (double) rightOnes / count),
        new Finding.Measured(
            "mean probability of the indirect object" + of, probability, probabilities / count));
  }

  private List<IoiPrompt> sample(HookedGpt2 model) {
    IoiWords words = IoiWords.published();
    List<String> names = words.names().stream().filter(name -> isSingleToken(model, name)).toList();
    return IoiPrompts.draw(words.withNames(names), count, 0);
  }

  private static boolean isSingleToken(HookedGpt2 model, String name) {
    return model.tokenizer().countTokens(" " + name, Bos.NONE) == 1;
  }

  private static int token(HookedGpt2 model, String name) {
    return model.tokenizer().toSingleToken(" " + name);
  }
}
