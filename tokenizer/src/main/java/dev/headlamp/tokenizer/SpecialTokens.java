package dev.headlamp.tokenizer;

import org.jspecify.annotations.Nullable;

/** The ids of the special tokens; null where a tokenizer has none. */
record SpecialTokens(@Nullable Integer bos, @Nullable Integer eos, @Nullable Integer pad) {

  /** Finds the tokens by their names; without a padding token, the EOS is the padding. */
  static SpecialTokens find(SpecialTokenNames names, NativeTokenizer tokenizer) {
    Integer eos = id(names.eos(), tokenizer);
    return new SpecialTokens(
        id(names.bos(), tokenizer), eos, names.pad() == null ? eos : id(names.pad(), tokenizer));
  }

  /** Asks the tokenizer itself, which may give an added token another id than its file says. */
  private static @Nullable Integer id(String name, NativeTokenizer tokenizer) {
    int[] ids = tokenizer.encode(name);
    return ids.length == 1 ? ids[0] : null;
  }
}
