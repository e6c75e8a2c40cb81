package dev.headlamp.hooks.recipe;

import dev.headlamp.hooks.Interventions;
import java.util.Objects;

/** What an intervention does with the part of a point that it is on. */
public sealed interface Action {

  /** Puts zeros. */
  record Zero() implements Action {}

  /**
   * Puts means over prompts, computed when the recipe is applied.
   *
   * @param from the prompts; a mean that is known already is put by {@link Replace}
   * @param over what is averaged over
   */
  record Mean(Source from, Over over) implements Action {

    /** What a mean is over. */
    public enum Over {
      /** The prompts, position by position, counted from each prompt's first token. */
      PROMPTS,
      /** All tokens of all prompts. */
      PROMPTS_AND_POSITIONS
    }

    /**
     * Checks the source.
     *
     * @throws IllegalArgumentException if it is a stored array
     */
    public Mean {
      Objects.requireNonNull(over, "over");
      if (from instanceof StoredArray) {
        throw new IllegalArgumentException(
            "a mean is taken over prompts: an array that is the mean is put by replace");
      }
    }
  }

  /**
   * Puts what the point held in another run.
   *
   * @param from prompts, as many and as long as those of the run; or an array {@code [batch, pos,
   *     ...]} of the point, where an axis of length 1 serves all prompts, or all positions
   */
  record Replace(Source from) implements Action {

    /** Checks that nothing is missing. */
    public Replace {
      Objects.requireNonNull(from, "from");
    }
  }

  /**
   * Adds a vector at every position of the part: steering.
   *
   * @param direction as long as the last axis of the part
   */
  record Add(StoredArray direction) implements Action {

    /**
     * Checks the vector.
     *
     * @throws IllegalArgumentException if it has more axes than one
     */
    public Add {
      if (direction.shape().size() != 1) {
        throw new IllegalArgumentException(
            "a direction has one axis, not the shape " + direction.shape());
      }
    }
  }

  /**
   * Multiplies by a factor.
   *
   * @param factor any finite number
   */
  record Scale(double factor) implements Action {

    /**
     * Checks the factor.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Scale {
      Interventions.scale(factor);
    }
  }

  /**
   * Adds Gaussian noise, the same for the same seed and point.
   *
   * @param standardDeviation 0 or more
   * @param seed of the noise
   */
  record Noise(double standardDeviation, long seed) implements Action {

    /**
     * Checks the deviation.
     *
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public Noise {
      Interventions.noise(standardDeviation, seed);
    }
  }

  /** Cuts attention to the sources of the part, on attention scores. */
  record KnockOut() implements Action {}
}
