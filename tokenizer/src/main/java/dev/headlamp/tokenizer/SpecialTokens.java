package dev.headlamp.tokenizer;

import org.jspecify.annotations.Nullable;

/** The ids of the special tokens; null where the vocabulary does not have the token named. */
record SpecialTokens(@Nullable Integer bos, @Nullable Integer eos, @Nullable Integer pad) {

  /** Special tokens are added tokens: others are not recognised when written out in a text. */
  static SpecialTokens of(SpecialTokenNames names, Vocabulary vocabulary) {
    return new SpecialTokens(
        vocabulary.added().get(names.bos()),
        vocabulary.added().get(names.eos()),
        vocabulary.added().get(names.pad()));
  }
}
