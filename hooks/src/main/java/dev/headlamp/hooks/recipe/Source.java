package dev.headlamp.hooks.recipe;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** Where an intervention takes values from. */
public sealed interface Source permits Source.Texts, Source.Tokens, StoredArray {

  /**
   * What the same points hold in a run of texts, which is made when the recipe is applied.
   *
   * @param texts the prompts
   * @param bos whether the beginning-of-sequence token is put before each
   */
  record Texts(List<String> texts, Bos bos) implements Source {

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if there are no texts
     */
    public Texts {
      texts = List.copyOf(texts);
      Objects.requireNonNull(bos, "bos");
      requireSome(texts);
    }
  }

  /**
   * What the same points hold in a run of token ids, which is made when the recipe is applied.
   *
   * @param ids the prompts, each at least one token; shorter ones are padded on the right
   */
  record Tokens(List<List<Integer>> ids) implements Source {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if there are no prompts
     */
    public Tokens {
      ids = ids.stream().map(List::copyOf).toList();
      requireSome(ids);
    }

    /** Returns the prompts of a batch, without its padding. */
    public static Tokens of(TokenBatch tokens) {
      return new Tokens(
          IntStream.range(0, tokens.batch())
              .mapToObj(prompt -> Arrays.stream(tokens.prompt(prompt)).boxed().toList())
              .toList());
    }
  }

  private static void requireSome(List<?> prompts) {
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("values cannot be taken from no prompts: give at least 1");
    }
  }

  /** Returns the prompts to be run; those of a stored array have been. */
  static TokenBatch prompts(Source source, HookedGpt2 model) {
    if (source instanceof Texts texts) {
      return model.toTokens(texts.texts, texts.bos);
    }
    if (source instanceof Tokens tokens) {
      return TokenBatch.of(
          tokens.ids.stream()
              .map(prompt -> prompt.stream().mapToInt(Integer::intValue).toArray())
              .toArray(int[][]::new));
    }
    throw new IllegalArgumentException("a stored array has no prompts to be run");
  }
}
