package dev.headlamp.experiments.verify;

/**
 * What is published of the logit differences of all 9,313,920 IOI prompts.
 *
 * @param source where
 * @param mean their mean
 * @param deviation their standard deviation
 * @param belowZero how many are below zero
 */
public record PublishedEnumeration(String source, double mean, double deviation, long belowZero) {}
