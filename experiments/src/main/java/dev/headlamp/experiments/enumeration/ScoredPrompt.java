package dev.headlamp.experiments.enumeration;

/**
 * A prompt, and the two tokens whose logits are compared.
 *
 * @param row its row in the enumeration
 * @param tokens its token ids {@code [pos]}
 * @param answer the token of the indirect object
 * @param wrong the token of the subject
 */
@SuppressWarnings("ArrayRecordComponent") // Made by the million, and not compared.
public record ScoredPrompt(int row, int[] tokens, int answer, int wrong) {}
