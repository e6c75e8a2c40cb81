package dev.headlamp.experiments.verify;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenLoss;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The mean next-token loss of a text, in nats. */
record LossCheck(String text, Bos bos, Expectation loss) implements Check {

  @Override
  public String title() {
    return "mean loss of \"" + text + '"';
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    TokenBatch tokens = model.toTokens(List.of(text), bos);
    try (INDArray logits = model.run(tokens)) {
      double mean = TokenLoss.mean(TokenLoss.perToken(logits, tokens));
      return List.of(new Finding.Measured(title() + ", nats", loss, mean));
    }
  }
}
