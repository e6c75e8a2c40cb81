package dev.headlamp.hooks;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenLoss;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The field's metrics of the next token, at each prompt's last position unless they say so. */
public final class Metrics {

  private Metrics() {}

  /**
   * Returns logit[correct] − logit[wrong].
   *
   * @param correct for each prompt the right answer's token id; one serves all prompts
   * @param wrong for each prompt the wrong answer's; one serves all prompts
   */
  public static DifferentiableMetric logitDifference(int[] correct, int[] wrong) {
    int[] columns =
        IntStream.concat(IntStream.of(correct), IntStream.of(wrong)).distinct().toArray();
    int[] correctColumns = columnsOf(correct, columns);
    int[] wrongColumns = columnsOf(wrong, columns);
    Metric metric =
        Metric.of(
            "logit difference",
            LogitSelection.last().tokens(columns),
            (logits, tokens) ->
                forEach(
                    tokens,
                    prompt ->
                        logits.getDouble(prompt, 0, of(correctColumns, prompt, tokens))
                            - logits.getDouble(prompt, 0, of(wrongColumns, prompt, tokens))));
    return DifferentiableMetric.of(
        metric,
        (logits, tokens) ->
            LogitGradients.of(
                logits,
                (prompt, rows) -> {
                  rows[0][of(correctColumns, prompt, tokens)] += 1;
                  rows[0][of(wrongColumns, prompt, tokens)] -= 1;
                }));
  }

  /** Returns logit[answer]; {@code answers} as in {@link #logitDifference}. */
  public static DifferentiableMetric logit(int... answers) {
    int[] columns = IntStream.of(answers).distinct().toArray();
    int[] answerColumns = columnsOf(answers, columns);
    Metric metric =
        Metric.of(
            "logit",
            LogitSelection.last().tokens(columns),
            (logits, tokens) ->
                forEach(
                    tokens,
                    prompt -> logits.getDouble(prompt, 0, of(answerColumns, prompt, tokens))));
    return DifferentiableMetric.of(
        metric,
        (logits, tokens) ->
            LogitGradients.of(
                logits, (prompt, rows) -> rows[0][of(answerColumns, prompt, tokens)] = 1));
  }

  /** Returns ln p(answer), in nats; {@code answers} as in {@link #logitDifference}. */
  public static DifferentiableMetric logProbability(int... answers) {
    int[] copy = answers.clone();
    return DifferentiableMetric.of(
        ofDistribution("log-probability", copy, NextToken::logProbability),
        (logits, tokens) -> ofDistributionGradient(logits, tokens, copy, p -> 1));
  }

  /** Returns p(answer); {@code answers} as in {@link #logitDifference}. */
  public static DifferentiableMetric probability(int... answers) {
    int[] copy = answers.clone();
    return DifferentiableMetric.of(
        ofDistribution("probability", copy, NextToken::probability),
        (logits, tokens) -> ofDistributionGradient(logits, tokens, copy, p -> p));
  }

  /** Returns how many tokens are more probable than the answer. */
  public static Metric rank(int... answers) {
    return ofDistribution("rank", answers.clone(), (next, answer) -> (double) next.rank(answer));
  }

  private static Metric ofDistribution(
      String name, int[] answers, ToDoubleBiFunction<NextToken, Integer> value) {
    return Metric.of(
        name,
        LogitSelection.last(),
        (logits, tokens) ->
            forEach(
                tokens,
                prompt ->
                    value.applyAsDouble(
                        NextToken.of(logits, prompt, 0), of(answers, prompt, tokens))));
  }

  /**
   * Returns the gradient of a function of p(answer).
   *
   * @param byLog its derivative by ln p(answer), from p(answer)
   */
  private static INDArray ofDistributionGradient(
      INDArray logits, TokenBatch tokens, int[] answers, DoubleUnaryOperator byLog) {
    return LogitGradients.of(
        logits,
        (prompt, rows) -> {
          NextToken next = NextToken.of(logits, prompt, 0);
          int answer = of(answers, prompt, tokens);
          double weight = byLog.applyAsDouble(next.probability(answer));
          LogitGradients.addLogProbability(rows[0], next, answer, weight);
        });
  }

  /**
   * Returns the cross-entropy of each prompt: the mean of −ln p(next token), in nats, over all of
   * its tokens but the last. It reads every logit; a prompt of one token is refused when measured.
   */
  public static DifferentiableMetric crossEntropy() {
    Metric metric =
        Metric.of(
            "cross-entropy",
            (logits, tokens) -> {
              double[][] losses = TokenLoss.perToken(logits, tokens);
              return forEach(
                  tokens, prompt -> Arrays.stream(losses[prompt]).sum() / targets(tokens, prompt));
            });
    return DifferentiableMetric.of(
        metric,
        (logits, tokens) ->
            LogitGradients.of(
                logits,
                (prompt, rows) -> {
                  double weight = -1.0 / targets(tokens, prompt);
                  for (int pos = tokens.firstPos(prompt); pos < tokens.lastPos(prompt); pos++) {
                    NextToken next = NextToken.of(logits, prompt, pos);
                    LogitGradients.addLogProbability(
                        rows[pos], next, tokens.id(prompt, pos + 1), weight);
                  }
                }));
  }

  private static int targets(TokenBatch tokens, int prompt) {
    if (tokens.promptLength(prompt) == 1) {
      throw new IllegalArgumentException(
          "cross-entropy needs a next token: prompt " + prompt + " has one token only");
    }
    return tokens.promptLength(prompt) - 1;
  }

  /**
   * Returns a metric moved and stretched: 0 where {@code metric} has the value {@code zero}, 1
   * where it has the value {@code one}. With the corrupted and the clean mean this is the share
   * restored; with the clean and twice the clean less the corrupted it runs from −1 to 0.
   *
   * @throws IllegalArgumentException if both values are equal
   */
  public static Metric normalised(Metric metric, double zero, double one) {
    if (!(Math.abs(one - zero) > 0)) {
      throw new IllegalArgumentException(
          "cannot normalise %s: it is %s at both ends".formatted(metric.name(), zero));
    }
    return Metric.of(
        "normalised " + metric.name(),
        metric.reads(),
        (logits, tokens) ->
            Arrays.stream(metric.perPrompt(logits, tokens))
                .map(value -> (value - zero) / (one - zero))
                .toArray());
  }

  /**
   * Returns a metric moved and stretched, as {@link #normalised(Metric, double, double)}, with its
   * derivative.
   *
   * @throws IllegalArgumentException if both values are equal
   */
  public static DifferentiableMetric normalised(
      DifferentiableMetric metric, double zero, double one) {
    return DifferentiableMetric.of(
        normalised((Metric) metric, zero, one),
        (logits, tokens) -> metric.gradient(logits, tokens).div(one - zero));
  }

  private static double[] forEach(TokenBatch tokens, IntToDoubleFunction value) {
    return IntStream.range(0, tokens.batch()).mapToDouble(value).toArray();
  }

  /** Returns for each token where it stands in {@code columns}. */
  private static int[] columnsOf(int[] tokens, int[] columns) {
    Map<Integer, Integer> columnOf = new HashMap<>();
    for (int column = 0; column < columns.length; column++) {
      columnOf.put(columns[column], column);
    }
    return IntStream.of(tokens).map(columnOf::get).toArray();
  }

  private static int of(int[] perPrompt, int prompt, TokenBatch tokens) {
    if (perPrompt.length != 1 && perPrompt.length != tokens.batch()) {
      throw new IllegalArgumentException(
          "answers are given for %d prompts, the batch has %d"
              .formatted(perPrompt.length, tokens.batch()));
    }
    return perPrompt[perPrompt.length == 1 ? 0 : prompt];
  }
}
