package dev.headlamp.hooks.ablation;

import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.metrics.Distance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/**
 * A column of a knock-out table: a number for each prompt, from the next token of the original run
 * and of the ablated one. A difference is always original − ablated, so that what an ablation takes
 * away is positive.
 *
 * @param label the column's head, which states direction and unit
 * @param change the number
 */
public record KnockOutColumn(String label, Change change) {

  /** Numbers from what the model says of the token that follows each prompt, before and after. */
  @FunctionalInterface
  public interface Change {

    /** Returns a number for each prompt. */
    double[] perPrompt(List<NextToken> original, List<NextToken> ablated);
  }

  /** Checks that nothing is missing. */
  public KnockOutColumn {
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(change, "change");
  }

  /** Returns a distance from the original distribution of the next token to the ablated one. */
  public static KnockOutColumn of(Distance distance) {
    return new KnockOutColumn(
        distance.label("original", "ablated"),
        (original, ablated) ->
            IntStream.range(0, original.size())
                .mapToDouble(prompt -> distance.between(original.get(prompt), ablated.get(prompt)))
                .toArray());
  }

  /**
   * Returns p(token), original − ablated.
   *
   * @param name what the head calls the token, such as {@code IO}
   * @param tokens for each prompt the token's id; one serves all prompts
   */
  public static KnockOutColumn probability(String name, int... tokens) {
    AnswerTokens answers = new AnswerTokens(tokens);
    return new KnockOutColumn(
        "Δp(%s) = original − ablated".formatted(name),
        (original, ablated) ->
            minus(
                answers.forEach(original, NextToken::probability),
                answers.forEach(ablated, NextToken::probability)));
  }

  /**
   * Returns logit[correct] − logit[wrong], original − ablated.
   *
   * @param correct for each prompt the right answer's token id; one serves all prompts
   * @param wrong for each prompt the wrong answer's; one serves all prompts
   */
  public static KnockOutColumn logitDifference(int[] correct, int[] wrong) {
    AnswerTokens right = new AnswerTokens(correct);
    AnswerTokens other = new AnswerTokens(wrong);
    return new KnockOutColumn(
        "Δ logit difference = original − ablated",
        (original, ablated) ->
            minus(difference(original, right, other), difference(ablated, right, other)));
  }

  private static double[] difference(
      List<NextToken> next, AnswerTokens correct, AnswerTokens wrong) {
    return minus(correct.forEach(next, NextToken::logit), wrong.forEach(next, NextToken::logit));
  }

  private static double[] minus(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
  }

  /** Returns a column for each distance, KL first. */
  public static List<KnockOutColumn> distances() {
    return Arrays.stream(Distance.values()).map(KnockOutColumn::of).toList();
  }

  /**
   * Returns the distances, the change of p(correct) and of p(wrong), and that of the logit
   * difference; arguments as in {@link #logitDifference}.
   */
  public static List<KnockOutColumn> ofAnswers(int[] correct, int[] wrong) {
    List<KnockOutColumn> columns = new ArrayList<>(distances());
    columns.add(probability("correct", correct));
    columns.add(probability("wrong", wrong));
    columns.add(logitDifference(correct, wrong));
    return List.copyOf(columns);
  }

  /** A token id for each prompt, or one for all. */
  private record AnswerTokens(List<Integer> ids) {

    AnswerTokens(int... ids) {
      this(IntStream.of(ids).boxed().toList());
    }

    double[] forEach(List<NextToken> next, ToDoubleBiFunction<NextToken, Integer> value) {
      if (ids.size() != 1 && ids.size() != next.size()) {
        throw new IllegalArgumentException(
            "tokens are given for %d prompts, there are %d".formatted(ids.size(), next.size()));
      }
      return IntStream.range(0, next.size())
          .mapToDouble(
              prompt ->
                  value.applyAsDouble(next.get(prompt), ids.get(ids.size() == 1 ? 0 : prompt)))
          .toArray();
    }
  }
}
