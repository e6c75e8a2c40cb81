package dev.headlamp.experiments.circuit.study;

import dev.headlamp.experiments.circuit.validation.GreedySearch;

/**
 * How much is to be computed.
 *
 * @param seed draws random sets, random names and the heads that greedy searches try
 * @param pathShare the share of the logit difference from which on path patching names a head
 * @param randomSets random sets for completeness; the paper's 10
 * @param greedy greedy searches for completeness
 */
public record StudySettings(long seed, double pathShare, int randomSets, GreedySearch greedy) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there are negative random sets, or the share is not
   *     positive
   */
  public StudySettings {
    if (!(pathShare > 0)) {
      throw new IllegalArgumentException(
          "the share from which on a head counts must be positive, not " + pathShare);
    }
    if (randomSets < 0) {
      throw new IllegalArgumentException(
          "the number of random sets (" + randomSets + ") must be 0 or more");
    }
  }
}
