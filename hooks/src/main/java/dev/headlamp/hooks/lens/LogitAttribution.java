package dev.headlamp.hooks.lens;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;

/**
 * Direct logit attribution: how much of a logit, or of a logit difference, each part of the
 * residual stream is. The final layer norm is taken as the linear map that it was in the run: with
 * the scale it divided by then, and with its gain.
 *
 * <p>What the bias of the final layer norm and that of the unembedding add does not depend on the
 * residual stream. It belongs to no part and is kept apart; TransformerLens leaves it out. Parts of
 * which the residual stream is the sum, and the bias, sum to the logit or difference.
 *
 * @param perPrompt {@code [component, prompt, position]}, in logits
 * @param bias {@code [prompt]}, in logits
 */
public record LogitAttribution(LabelledArray perPrompt, LabelledArray bias) {

  /** Returns the mean over the prompts: {@code [component, position]}. */
  public LabelledArray mean() {
    return perPrompt.meanOver("prompt");
  }

  /**
   * Returns the sum of all parts and the bias: {@code [prompt, position]}. Where the parts are all
   * there is, as they are {@linkplain ResidualDecomposition#withRemainder with the remainder}, this
   * is what the run computed.
   */
  public LabelledArray total() {
    Axis prompts = perPrompt.axis("prompt");
    Axis positions = perPrompt.axis("position");
    double[] parts = perPrompt.values();
    double[] totals = new double[prompts.length() * positions.length()];
    Arrays.setAll(totals, i -> bias.value(i / positions.length()));
    for (int i = 0; i < parts.length; i++) {
      totals[i % totals.length] += parts[i];
    }
    return LabelledArray.of(
        "sum of the attributions", perPrompt.unit(), List.of(prompts, positions), totals);
  }
}
