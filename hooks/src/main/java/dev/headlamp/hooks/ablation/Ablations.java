package dev.headlamp.hooks.ablation;

import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.Interventions;
import java.util.stream.IntStream;

/**
 * What to put in the place of an activation to take away what it says. What is ablated is chosen
 * where the hook is registered, or by an {@link AblationTarget}.
 *
 * <p>Zero is rarely a value that the model has ever seen there; a mean keeps what an activation is
 * like in general and takes away what it says of one prompt; resampling keeps its spread too
 * (Heimersheim and Nanda 2024, "How to use and interpret activation patching"). The mean of z and
 * the mean of {@code result} of a head are one ablation, for result is linear in z.
 */
public final class Ablations {

  private Ablations() {}

  /** Returns an ablation that puts zeros. */
  public static Hook zero() {
    return Interventions.zero();
  }

  /**
   * Returns an ablation that puts, at each token, the mean of the reference prompts' tokens at the
   * same place: as far from the first token, or from the last if the reference is aligned at the
   * end. With groups it is the mean within the prompt's own: the IOI paper's ablation, whose groups
   * are the templates (Wang et al. 2022, arXiv 2211.00593, section 2).
   *
   * <p>Prompts of any lengths may stand in both sets: a mean is over those that have a token at the
   * place. Padding gets zeros, which nothing reads. Means are computed once for each point.
   *
   * <p>When called, the hook throws {@link IllegalArgumentException} if no reference prompt has a
   * token at a place where one is needed, if the point has no position axis, or for new tokens of a
   * generation; and {@link IllegalStateException} if the reference's cache is closed.
   */
  public static Hook meanPerPosition(ReferenceSet reference) {
    return new ReferenceMeans(reference, true);
  }

  /**
   * Returns an ablation that puts one mean at every position: that over all tokens of the reference
   * prompts, or of those in the prompt's own group. Padding counts for nothing.
   *
   * <p>When called, the hook throws {@link IllegalArgumentException} if no reference prompt is of
   * the prompt's group, or the point has no position axis; and {@link IllegalStateException} if the
   * reference's cache is closed.
   */
  public static Hook meanOverPositions(ReferenceSet reference) {
    return new ReferenceMeans(reference, false);
  }

  /**
   * Returns an ablation that gives each prompt the values of another, drawn from those reference
   * prompts that are of its group, have as many tokens and are not the same prompt. One seed draws
   * the same prompt at every point.
   *
   * <p>When called, the hook throws {@link IllegalArgumentException} if there is no such reference
   * prompt, if the point has no position axis, or for new tokens of a generation; and {@link
   * IllegalStateException} if the reference's cache is closed.
   */
  public static Hook resample(ReferenceSet reference, long seed) {
    return new Resampling(reference, seed);
  }

  /**
   * Returns an ablation that adds Gaussian noise. One seed gives one noise at a point.
   *
   * @throws IllegalArgumentException if the deviation is negative or not finite
   */
  public static Hook noise(double standardDeviation, long seed) {
    return Interventions.noise(standardDeviation, seed);
  }

  /**
   * Returns an ablation of attention scores after which some positions are no longer attended to:
   * their scores become −∞, and what attention they had goes to the other positions (attention
   * knock-out; Geva et al. 2023, arXiv 2304.14767). Which heads and attending positions are cut off
   * is chosen where it is registered.
   *
   * <p>When called, the hook throws {@link IllegalArgumentException} at any point but attn_scores,
   * if there is no such source position, or if a position would be left with nothing to attend to.
   *
   * @param sources positions attended to, counted from 0 in the padded batch
   * @throws IllegalArgumentException if none is given
   */
  public static Hook cutAttention(int... sources) {
    return new AttentionCut(IntStream.of(sources).boxed().toList());
  }

  /**
   * Returns an ablation everywhere but at some positions of each prompt, where values stay as they
   * are: the IOI paper keeps a name mover at END and ablates it elsewhere. Of attention scores and
   * patterns these are the positions that attend.
   *
   * <p>When called, the hook throws {@link IllegalArgumentException} if it was registered for some
   * positions only, if positions are given for another number of prompts, or one lies outside the
   * batch.
   *
   * @param positions {@code [batch][any number]}, counted from 0 in the padded batch; one row
   *     serves all prompts, an empty one keeps none
   */
  public static Hook exceptAt(Hook ablation, int[][] positions) {
    return new KeptPositions(ablation, positions);
  }
}
