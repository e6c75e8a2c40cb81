package dev.headlamp.hooks.ablation;

import dev.headlamp.engine.Dim;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.HookContext;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the points held in a run over reference prompts, and which of these prompts may stand for
 * which of the ablated ones. Immutable; borrows the cache.
 */
public final class ReferenceSet {

  /** The groups of prompts that all stand for all. */
  private static final int[] ONE_GROUP = {0};

  private final ActivationCache cache;
  private final int[] groups;
  private final int[] promptGroups;
  private final boolean alignedAtEnd;

  private ReferenceSet(
      ActivationCache cache, int[] groups, int[] promptGroups, boolean alignedAtEnd) {
    this.cache = Objects.requireNonNull(cache, "cache");
    this.groups = groups;
    this.promptGroups = promptGroups;
    this.alignedAtEnd = alignedAtEnd;
  }

  /**
   * Returns a reference in which all prompts may stand for all, aligned at their first tokens.
   *
   * @param cache of whole positions; borrowed, and needed as long as the ablation is in use
   */
  public static ReferenceSet of(ActivationCache cache) {
    return new ReferenceSet(cache, ONE_GROUP, ONE_GROUP, false);
  }

  /**
   * Returns this reference with its prompts standing only for prompts of the same group, such as
   * the same template.
   *
   * @param ofReference for each reference prompt its group, any number
   * @param ofPrompts for each ablated prompt its group; one serves all prompts
   * @throws IllegalArgumentException if there is not one group for each reference prompt
   */
  public ReferenceSet withinGroups(int[] ofReference, int[] ofPrompts) {
    if (ofReference.length != cache.tokens().batch()) {
      throw new IllegalArgumentException(
          "groups are given for %d reference prompts, the reference has %d"
              .formatted(ofReference.length, cache.tokens().batch()));
    }
    return new ReferenceSet(cache, ofReference.clone(), ofPrompts.clone(), alignedAtEnd);
  }

  /** Returns this reference with positions counted back from each prompt's last token. */
  public ReferenceSet alignedAtEnd() {
    return new ReferenceSet(cache, groups, promptGroups, true);
  }

  TokenBatch tokens() {
    return cache.tokens();
  }

  /** Returns whether prompts have groups, or all stand for all. */
  boolean isGrouped() {
    return groups != ONE_GROUP;
  }

  /** Returns the group of a reference prompt. */
  int group(int referencePrompt) {
    return groups[groups.length == 1 ? 0 : referencePrompt];
  }

  /** Returns the group of a prompt of the run that is ablated. */
  int groupOf(int prompt, TokenBatch ablated) {
    if (promptGroups.length != 1 && promptGroups.length != ablated.batch()) {
      throw new IllegalArgumentException(
          "groups are given for %d prompts, the batch has %d"
              .formatted(promptGroups.length, ablated.batch()));
    }
    return promptGroups[promptGroups.length == 1 ? 0 : prompt];
  }

  /** Returns how far a token stands from the end that prompts are aligned at. */
  int offset(TokenBatch tokens, int prompt, int pos) {
    return alignedAtEnd ? tokens.lastPos(prompt) - pos : pos - tokens.firstPos(prompt);
  }

  String end() {
    return alignedAtEnd ? "before its last" : "behind its first";
  }

  /**
   * Returns what a point held, {@code [batch, pos, ...]}; owned by the cache.
   *
   * @throws IllegalArgumentException if it has no position axis, or not all positions were kept
   */
  INDArray values(HookPoint point) {
    if (!point.activation().has(Dim.POS)) {
      throw new IllegalArgumentException(
          "%s has no pos axis to ablate along: it holds %s"
              .formatted(point, point.activation().shapeText()));
    }
    INDArray values = cache.get(point);
    if (values.size(1) != tokens().length()) {
      throw new IllegalArgumentException(
          "an ablation needs a reference of whole positions: of %s it has %d of %d"
              .formatted(point, values.size(1), tokens().length()));
    }
    return values;
  }

  /** Refuses new tokens of a generation, of which nobody can say at which place they stand. */
  static void requirePrompts(HookContext context) {
    if (context.step() > 0) {
      throw new IllegalArgumentException(
          "%s cannot be ablated position by position in step %d of a generation"
              .formatted(context.point(), context.step()));
    }
  }
}
