package dev.headlamp.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which rewritings of a model's weights are carried out: each leaves what the model computes as it
 * is (its log-probabilities, to rounding) and makes its insides easier to read. The steps are
 * TransformerLens' own, and printed by their names there.
 *
 * @param steps the steps, iterated in the order in which they are carried out; unmodifiable
 */
public record WeightProcessing(Set<Step> steps) {

  /** One rewriting of the weights. They are carried out in the order of these constants. */
  public enum Step {
    /**
     * Gains and biases of the layer norms move into the matrices that read from them, and those
     * matrices lose their mean over d_model, which a layer norm's output never has: the gains
     * become 1 and the biases 0, so that {@code hook_normalized} is (x - mean) / scale.
     */
    FOLD_LN("fold_ln"),
    /**
     * Everything that writes to the residual stream (wE, wPos, wO, bO, wOut, bOut) loses its mean
     * over d_model, which the next layer norm would remove.
     */
    CENTER_WRITING_WEIGHTS("center_writing_weights"),
    /**
     * The unembedding loses its mean over the vocabulary: the logits of a position move by one
     * constant, the log-probabilities do not.
     */
    CENTER_UNEMBED("center_unembed"),
    /**
     * The value biases move through wO into bO, since the weights of an attention pattern sum to 1.
     */
    FOLD_VALUE_BIASES("fold_value_biases"),
    /**
     * The factors of each head's QK and OV circuits become those of their singular value
     * decompositions: columns of wQ and of wK, the bias as one more row, become orthogonal and
     * equally long, and rows of wO orthonormal. Includes {@link #FOLD_VALUE_BIASES}.
     */
    REFACTOR_FACTORED_ATTN_MATRICES("refactor_factored_attn_matrices");

    private final String label;

    Step(String label) {
      this.label = label;
    }

    /** Returns TransformerLens' name of this step, as in {@code fold_ln}. */
    @Override
    public String toString() {
      return label;
    }
  }

  private static final String NONE = "none";

  /** Copies the steps into their order. */
  public WeightProcessing {
    EnumSet<Step> ordered = EnumSet.noneOf(Step.class);
    ordered.addAll(steps);
    steps = Collections.unmodifiableSet(ordered);
  }

  /** Returns no processing: the weights as the checkpoint holds them. */
  public static WeightProcessing none() {
    return new WeightProcessing(Set.of());
  }

  /** Returns what TransformerLens does to a model unless told otherwise. */
  public static WeightProcessing transformerLens() {
    return of(
        Step.FOLD_LN, Step.CENTER_WRITING_WEIGHTS, Step.CENTER_UNEMBED, Step.FOLD_VALUE_BIASES);
  }

  /** Returns what the ARENA course does to its models. */
  public static WeightProcessing course() {
    return of(
        Step.FOLD_LN,
        Step.CENTER_WRITING_WEIGHTS,
        Step.CENTER_UNEMBED,
        Step.REFACTOR_FACTORED_ATTN_MATRICES);
  }

  /** Returns the processing of the given steps, whatever their order here. */
  public static WeightProcessing of(Step... steps) {
    return new WeightProcessing(Set.copyOf(Arrays.asList(steps)));
  }

  /**
   * Reads what {@link #toString} prints: the names of steps separated by commas, or "none".
   *
   * @throws IllegalArgumentException if a name is no step's
   */
  public static WeightProcessing parse(String text) {
    String trimmed = text.strip().toLowerCase(Locale.ROOT);
    if (trimmed.equals(NONE)) {
      return none();
    }
    return new WeightProcessing(
        Stream.of(trimmed.split(",", -1)).map(WeightProcessing::step).collect(Collectors.toSet()));
  }

  private static Step step(String name) {
    return Stream.of(Step.values())
        .filter(step -> step.label.equals(name.strip()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no weight processing '%s': there are %s, and %s"
                        .formatted(name.strip(), names(List.of(Step.values())), NONE)));
  }

  /** Returns whether the weights are left as they are. */
  public boolean isNone() {
    return steps.isEmpty();
  }

  /** Returns whether a step is carried out. */
  public boolean has(Step step) {
    return steps.contains(step);
  }

  /**
   * Returns the steps that a model which has had these lacks of {@code wanted}.
   *
   * @throws IllegalArgumentException if one of them comes before a step that the model has had:
   *     carried out late it could undo that one
   */
  WeightProcessing lacking(WeightProcessing wanted) {
    EnumSet<Step> missing = EnumSet.noneOf(Step.class);
    missing.addAll(wanted.steps);
    missing.removeAll(steps);
    for (Step step : missing) {
      for (Step had : steps) {
        if (step.compareTo(had) < 0) {
          throw new IllegalArgumentException(
              "%s comes before %s, which this model has had: process the model as it was loaded"
                  .formatted(step, had));
        }
      }
    }
    return new WeightProcessing(missing);
  }

  /** Returns the steps of this processing and of another one. */
  WeightProcessing and(WeightProcessing other) {
    return new WeightProcessing(
        Stream.concat(steps.stream(), other.steps.stream()).collect(Collectors.toSet()));
  }

  /** Returns the names of the steps in order, as in "fold_ln, center_unembed", or "none". */
  @Override
  public String toString() {
    return isNone() ? NONE : names(steps);
  }

  private static String names(Collection<Step> steps) {
    return steps.stream().map(Step::toString).collect(Collectors.joining(", "));
  }
}
