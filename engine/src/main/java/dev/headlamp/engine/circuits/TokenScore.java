package dev.headlamp.engine.circuits;

/**
 * A token of the vocabulary and what it scored.
 *
 * @param id the token
 * @param score in logits for a direction of length 1
 */
public record TokenScore(int id, double score) {}
