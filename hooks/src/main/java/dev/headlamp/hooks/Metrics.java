package dev.headlamp.hooks;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/** The field's metrics of the next token, at each prompt's last position. */
public final class Metrics {

  private Metrics() {}

  /**
   * Returns logit[correct] − logit[wrong].
   *
   * @param correct for each prompt the right answer's token id; one serves all prompts
   * @param wrong for each prompt the wrong answer's; one serves all prompts
   */
  public static Metric logitDifference(int[] correct, int[] wrong) {
    int[] columns =
        IntStream.concat(IntStream.of(correct), IntStream.of(wrong)).distinct().toArray();
    int[] correctColumns = columnsOf(correct, columns);
    int[] wrongColumns = columnsOf(wrong, columns);
    return Metric.of(
        "logit difference",
        LogitSelection.last().tokens(columns),
        (logits, tokens) ->
            forEach(
                tokens,
                prompt ->
                    logits.getDouble(prompt, 0, of(correctColumns, prompt, tokens))
                        - logits.getDouble(prompt, 0, of(wrongColumns, prompt, tokens))));
  }

  /** Returns logit[answer]; {@code answers} as in {@link #logitDifference}. */
  public static Metric logit(int... answers) {
    int[] columns = IntStream.of(answers).distinct().toArray();
    int[] answerColumns = columnsOf(answers, columns);
    return Metric.of(
        "logit",
        LogitSelection.last().tokens(columns),
        (logits, tokens) ->
            forEach(
                tokens, prompt -> logits.getDouble(prompt, 0, of(answerColumns, prompt, tokens))));
  }

  /** Returns ln p(answer); {@code answers} as in {@link #logitDifference}. */
  public static Metric logProbability(int... answers) {
    return ofDistribution(
        "log-probability", answers, (next, answer) -> next.logProbability(answer));
  }

  /** Returns p(answer); {@code answers} as in {@link #logitDifference}. */
  public static Metric probability(int... answers) {
    return ofDistribution("probability", answers, (next, answer) -> next.probability(answer));
  }

  /** Returns how many tokens are more probable than the answer. */
  public static Metric rank(int... answers) {
    return ofDistribution("rank", answers, (next, answer) -> (double) next.rank(answer));
  }

  private static Metric ofDistribution(
      String name, int[] answers, ToDoubleBiFunction<NextToken, Integer> value) {
    int[] copy = answers.clone();
    return Metric.of(
        name,
        LogitSelection.last(),
        (logits, tokens) ->
            forEach(
                tokens,
                prompt ->
                    value.applyAsDouble(
                        NextToken.of(logits, prompt, 0), of(copy, prompt, tokens))));
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
