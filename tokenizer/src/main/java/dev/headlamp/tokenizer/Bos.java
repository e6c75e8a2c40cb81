package dev.headlamp.tokenizer;

/** Whether the beginning-of-sequence token is put before a text's own tokens. */
public enum Bos {
  /**
   * The BOS comes first, so the text's own tokens start at position 1. GPT-2 was not trained with
   * it, but attends to the first position as a resting place, whatever token stands there.
   */
  PREPEND,

  /** The text's own tokens only. */
  NONE
}
