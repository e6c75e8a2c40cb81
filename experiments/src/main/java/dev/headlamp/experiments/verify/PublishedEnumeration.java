package dev.headlamp.experiments.verify;

import java.util.List;

/**
 * What is published of the logit differences of all 9,313,920 IOI prompts.
 *
 * @param source where
 * @param mean their mean
 * @param deviation their standard deviation
 * @param belowZero how many are below zero
 * @param slices what is published of some of them
 */
public record PublishedEnumeration(
    String source, double mean, double deviation, long belowZero, List<SliceFigure> slices) {

  /** Copies the list. */
  public PublishedEnumeration {
    slices = List.copyOf(slices);
  }
}
