package dev.headlamp.hooks.metrics;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.NextToken;
import java.util.List;
import java.util.stream.IntStream;

/** Metrics of a run beside those of one answer, which {@link Metrics} has. */
public final class RunMetrics {

  private RunMetrics() {}

  /**
   * Returns 1 for a prompt whose right answer has the larger logit, 0 for one whose wrong answer
   * has, or both are equal: the mean is the IOI paper's share of prompts with IO &gt; S.
   *
   * @param correct for each prompt the right answer's token id; one serves all prompts
   * @param wrong for each prompt the wrong answer's; one serves all prompts
   */
  public static Metric accuracy(int[] correct, int[] wrong) {
    return MetricArithmetic.map(
        "accuracy: logit[correct] > logit[wrong]",
        Metrics.logitDifference(correct, wrong),
        difference -> Double.isNaN(difference) ? difference : difference > 0 ? 1 : 0);
  }

  /**
   * Returns the distance of the next token's distribution, at each prompt's last position, from
   * that of another run.
   *
   * <p>When called, it throws {@link IllegalArgumentException} for another number of prompts.
   *
   * @param original what the other run says of the token that follows each prompt
   */
  public static Metric distanceFrom(List<NextToken> original, Distance distance) {
    List<NextToken> copy = List.copyOf(original);
    return Metric.of(
        distance.label("original", "this run"),
        LogitSelection.last(),
        (logits, tokens) -> {
          if (copy.size() != tokens.batch()) {
            throw new IllegalArgumentException(
                "the original run has %d prompts, this one has %d"
                    .formatted(copy.size(), tokens.batch()));
          }
          return IntStream.range(0, copy.size())
              .mapToDouble(
                  prompt -> distance.between(copy.get(prompt), NextToken.of(logits, prompt, 0)))
              .toArray();
        });
  }
}
