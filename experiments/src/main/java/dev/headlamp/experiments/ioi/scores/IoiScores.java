package dev.headlamp.experiments.ioi.scores;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.NextTokens;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.metrics.Bootstrap;
import dev.headlamp.hooks.metrics.ConfidenceInterval;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What a model says after each prompt of a data set: the logit difference, the logit of the
 * indirect object less that of the subject, and the probability of the indirect object (Wang et al.
 * 2022, arXiv 2211.00593, section 2). Immutable.
 */
public final class IoiScores {

  private final IoiDataset ioi;
  private final double[] logitDifferences;
  private final double[] probabilities;

  private IoiScores(IoiDataset ioi, double[] logitDifferences, double[] probabilities) {
    this.ioi = ioi;
    this.logitDifferences = logitDifferences;
    this.probabilities = probabilities;
  }

  /**
   * Runs a model on every prompt, the shortest first, so that hardly any position is padding.
   *
   * @param batch how many prompts run at once; it has no influence on the result
   * @param monitor is told how many prompts are done; what was not measured because it cancelled is
   *     absent
   * @throws IllegalArgumentException if a prompt does not fit the model, or the batch is not
   *     positive
   * @throws ArithmeticException if the model gives logits that are NaN
   */
  public static IoiScores measure(
      HookedGpt2 model, IoiDataset ioi, int batch, SweepMonitor monitor) {
    if (batch < 1) {
      throw new IllegalArgumentException("the batch (" + batch + ") must be positive");
    }
    double[] logitDifferences = new double[ioi.size()];
    double[] probabilities = new double[ioi.size()];
    Arrays.fill(logitDifferences, LabelledArray.ABSENT);
    Arrays.fill(probabilities, LabelledArray.ABSENT);
    int[] order = ioi.byLength();
    for (int from = 0; from < order.length && !monitor.stops(); from += batch) {
      int[] indices = Arrays.copyOfRange(order, from, Math.min(order.length, from + batch));
      IoiDataset part = ioi.select(indices);
      List<NextToken> next = NextTokens.after(model, part);
      for (int i = 0; i < indices.length; i++) {
        int answer = part.answers()[i];
        logitDifferences[indices[i]] =
            next.get(i).logit(answer) - next.get(i).logit(part.wrong()[i]);
        probabilities[indices[i]] = next.get(i).probability(answer);
      }
      monitor.onProgress(from + indices.length, order.length);
    }
    return new IoiScores(ioi, logitDifferences, probabilities);
  }

  /** Returns the prompts. */
  public IoiDataset dataset() {
    return ioi;
  }

  /** Returns how many prompts were measured. */
  public int measured() {
    return (int) Arrays.stream(logitDifferences).filter(value -> !Double.isNaN(value)).count();
  }

  /** Returns each prompt's logit difference, NaN if it was not measured; the caller's own. */
  public double[] logitDifferences() {
    return logitDifferences.clone();
  }

  /** Returns each prompt's probability of the indirect object, NaN if it was not measured. */
  public double[] probabilities() {
    return probabilities.clone();
  }

  /** Returns a quantity of each prompt that was measured. */
  private double[] measured(IoiQuantity quantity, int[] prompts) {
    return Arrays.stream(prompts)
        .filter(prompt -> !Double.isNaN(logitDifferences[prompt]))
        .mapToDouble(prompt -> quantity.of(logitDifferences[prompt], probabilities[prompt]))
        .toArray();
  }

  /** Returns the mean of a quantity over all prompts that were measured; NaN if none was. */
  public double mean(IoiQuantity quantity) {
    return Arrays.stream(measured(quantity, all())).average().orElse(Double.NaN);
  }

  /**
   * Returns the mean of a quantity over all prompts that were measured, with its interval.
   *
   * @throws IllegalArgumentException if none was
   */
  public ConfidenceInterval mean(IoiQuantity quantity, Bootstrap bootstrap) {
    return bootstrap.mean(measured(quantity, all()));
  }

  private int[] all() {
    return IntStream.range(0, ioi.size()).toArray();
  }

  /**
   * Returns the mean of a quantity within each group of prompts: {@code [group]}; absent for a
   * group of which nothing was measured.
   *
   * @param axis what tells the groups apart, such as {@code template}
   * @param groups the groups, in the order to list them
   * @param groupOf the group of a prompt
   */
  public LabelledArray meanBy(
      String axis, List<String> groups, Function<IoiPrompt, String> groupOf, IoiQuantity quantity) {
    double[] means =
        groups.stream()
            .mapToDouble(
                group ->
                    Arrays.stream(measured(quantity, promptsOf(group, groupOf)))
                        .average()
                        .orElse(LabelledArray.ABSENT))
            .toArray();
    return LabelledArray.of(
        quantity.label() + " by " + axis, quantity.label(), List.of(new Axis(axis, groups)), means);
  }

  private int[] promptsOf(String group, Function<IoiPrompt, String> groupOf) {
    return IntStream.range(0, ioi.size())
        .filter(prompt -> groupOf.apply(ioi.prompts().get(prompt)).equals(group))
        .toArray();
  }
}
