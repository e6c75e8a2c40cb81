package dev.headlamp.engine.circuits;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads directions of the residual stream as tokens, through the unembedding W_U alone: the final
 * layer norm is left out, and its gain with it unless fold_ln has put it into W_U.
 */
public final class VocabularyReadout {

  private final Gpt2Config config;
  private final Gpt2Weights weights;

  private VocabularyReadout(Gpt2Config config, Gpt2Weights weights) {
    this.config = config;
    this.weights = weights;
  }

  /**
   * Returns a readout through a model's unembedding, valid until the model is closed.
   *
   * @throws IllegalStateException if the model is closed
   */
  public static VocabularyReadout of(Gpt2 model) {
    return new VocabularyReadout(model.config(), model.weights());
  }

  /**
   * Returns {@code directions·W_U}.
   *
   * @param directions {@code [count, d_model]} of any floating type; borrowed
   * @return {@code [count, d_vocab]} of the model's type, owned by the caller
   * @throws IllegalArgumentException if these are no directions of the residual stream
   */
  public INDArray logits(INDArray directions) {
    if (directions.rank() != 2 || directions.size(1) != config.dModel()) {
      throw new IllegalArgumentException(
          "directions must be [count, %d], not %s"
              .formatted(config.dModel(), Arrays.toString(directions.shape())));
    }
    return directions.castTo(weights.dataType()).mmul(weights.wU());
  }

  /**
   * Returns the tokens whose logits a direction raises most, from the most down.
   *
   * @param direction {@code [d_model]}
   * @param count how many, at most d_vocab
   * @throws IllegalArgumentException if this is no direction of the residual stream, or there are
   *     not so many tokens
   */
  public List<TokenScore> top(INDArray direction, int count) {
    if (count < 0 || count > config.dVocab()) {
      throw new IllegalArgumentException(
          "%d tokens cannot be listed: %s has %d".formatted(count, config.name(), config.dVocab()));
    }
    double[] logits = logits(direction.reshape(1, direction.length())).toDoubleVector();
    return IntStream.range(0, logits.length)
        .mapToObj(id -> new TokenScore(id, logits[id]))
        .sorted(Comparator.comparingDouble(TokenScore::score).reversed())
        .limit(count)
        .toList();
  }

  /** Returns the tokens whose logits a direction lowers most: the top of its opposite. */
  public List<TokenScore> bottom(INDArray direction, int count) {
    return top(direction.neg(), count).stream()
        .map(token -> new TokenScore(token.id(), -token.score()))
        .toList();
  }
}
