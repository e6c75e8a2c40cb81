package dev.headlamp.experiments.ioi;

/**
 * A prompt whose next token is the indirect object, and the same prompt with the subject of its
 * second clause exchanged, after which it is the other name.
 *
 * @param clean such as {@code When Mary and John went to the store, John gave a drink to}
 * @param corrupted such as {@code When Mary and John went to the store, Mary gave a drink to}
 * @param indirectObject the name that continues the clean prompt, without the space before it
 * @param subject the name that continues the corrupted prompt, without the space before it
 */
public record IoiPair(String clean, String corrupted, String indirectObject, String subject) {}
