package dev.headlamp.hooks.lens;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is to be explained at the chosen positions of each prompt: the logit of a token, or the
 * difference of two logits.
 */
public final class LogitTarget {

  private final int[] correct;

  /** As many as {@link #correct}, or none for a single logit. */
  private final int[] wrong;

  private LogitTarget(int[] correct, int[] wrong) {
    this.correct = correct.clone();
    this.wrong = wrong.clone();
  }

  /**
   * Returns logit[answer].
   *
   * @param answers for each prompt a token id; one serves all prompts
   * @throws IllegalArgumentException if none is given
   */
  public static LogitTarget logit(int... answers) {
    requireSome(answers);
    return new LogitTarget(answers, new int[0]);
  }

  /**
   * Returns logit[correct] − logit[wrong].
   *
   * @param correct for each prompt the right answer's token id; one serves all prompts
   * @param wrong for each prompt the wrong answer's
   * @throws IllegalArgumentException if none is given, or more of one than of the other
   */
  public static LogitTarget difference(int[] correct, int[] wrong) {
    requireSome(correct);
    if (correct.length != wrong.length) {
      throw new IllegalArgumentException(
          "a logit difference needs as many wrong answers as correct ones, not %d and %d"
              .formatted(wrong.length, correct.length));
    }
    return new LogitTarget(correct, wrong);
  }

  private static void requireSome(int[] answers) {
    if (answers.length == 0) {
      throw new IllegalArgumentException("at least one answer is needed");
    }
  }

  /** Returns what reports call this: {@code logit} or {@code logit difference}. */
  public String name() {
    return wrong.length == 0 ? "logit" : "logit difference";
  }

  /**
   * Returns for each prompt the vector that the unembedding multiplies with: {@code
   * [batch][d_model]}.
   *
   * @throws IllegalArgumentException if a token is not in the vocabulary, or there are answers for
   *     another number of prompts
   */
  double[][] directions(Gpt2Config config, Gpt2Weights weights, int batch) {
    return IntStream.range(0, batch)
        .mapToObj(
            prompt -> {
              double[] direction = row(config, weights, answer(correct, prompt, batch));
              if (wrong.length > 0) {
                double[] other = row(config, weights, answer(wrong, prompt, batch));
                Arrays.setAll(direction, i -> direction[i] - other[i]);
              }
              return direction;
            })
        .toArray(double[][]::new);
  }

  private static double[] row(Gpt2Config config, Gpt2Weights weights, int token) {
    return Directions.values(weights.unembedding().getRow(config.checkToken(token)));
  }

  /** Returns for each prompt what the bias of the unembedding adds. */
  double[] offsets(Gpt2Weights weights, int batch) {
    INDArray bias = weights.bU();
    if (bias == null) {
      return new double[batch];
    }
    return IntStream.range(0, batch)
        .mapToDouble(
            prompt ->
                bias.getDouble(answer(correct, prompt, batch))
                    - (wrong.length == 0 ? 0 : bias.getDouble(answer(wrong, prompt, batch))))
        .toArray();
  }

  /** Returns the answer of one prompt. */
  static int answer(int[] answers, int prompt, int batch) {
    if (answers.length != 1 && answers.length != batch) {
      throw new IllegalArgumentException(
          "answers are given for %d prompts, the batch has %d".formatted(answers.length, batch));
    }
    return answers[answers.length == 1 ? 0 : prompt];
  }

  @Override
  public String toString() {
    return name()
        + " of "
        + Arrays.toString(correct)
        + (wrong.length == 0 ? "" : " and " + Arrays.toString(wrong));
  }
}
