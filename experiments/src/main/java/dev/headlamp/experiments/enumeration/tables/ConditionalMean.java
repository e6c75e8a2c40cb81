package dev.headlamp.experiments.enumeration.tables;

import dev.headlamp.experiments.enumeration.Factor;

/**
 * The prompts in which a factor is one thing, against the others.
 *
 * @param factor which factor
 * @param index what it is, as an index into the list of the space
 * @param value what it is; a template by its number
 * @param own statistics of the prompts in which it is that
 * @param rest statistics of the other prompts
 * @param all statistics of both together
 */
public record ConditionalMean(
    Factor factor, int index, String value, Statistics own, Statistics rest, Statistics all) {

  /** Returns how far the mean lies from that of all prompts. */
  public double differenceFromAll() {
    return own.mean() - all.mean();
  }

  /** Returns how far the mean lies from that of the other prompts. */
  public double differenceFromRest() {
    return own.mean() - rest.mean();
  }

  /** Returns the condition: {@code S=Lisa}. */
  public String label() {
    return factor + "=" + value;
  }
}
