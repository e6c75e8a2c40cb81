package dev.headlamp.hooks.heads;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sequences of random tokens, each said twice: nothing but the repetition can be known of the
 * second half. Tokens are drawn evenly from the vocabulary, and the same seed gives the same
 * tokens.
 *
 * @param length tokens that are said twice, at least 2
 * @param sequences how many such sequences
 * @param seed what the tokens are drawn with
 * @param bos a token put in front of each sequence and not said twice, or null for none
 */
public record RepeatedTokens(int length, int sequences, long seed, @Nullable Integer bos) {

  private static final int DEFAULT_LENGTH = 50;
  private static final int DEFAULT_SEQUENCES = 10;
  private static final long DEFAULT_SEED = 1;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the length is less than 2, or there is no sequence
   */
  public RepeatedTokens {
    if (length < 2) {
      throw new IllegalArgumentException("length (" + length + ") must be at least 2");
    }
    if (sequences < 1) {
      throw new IllegalArgumentException("sequences (" + sequences + ") must be positive");
    }
  }

  /**
   * Returns sequences that begin with the random tokens, as in the IOI paper.
   *
   * @throws IllegalArgumentException if the length is less than 2, or there is no sequence
   */
  public static RepeatedTokens of(int length, int sequences, long seed) {
    return new RepeatedTokens(length, sequences, seed, null);
  }

  /**
   * Returns 10 sequences of 50 tokens said twice and no token in front, or of fewer tokens where
   * the model's context is short: min(50, n_ctx / 2 − 1).
   *
   * @throws IllegalArgumentException if the context has fewer than 6 positions
   */
  public static RepeatedTokens defaults(Gpt2Config config) {
    int length = Math.min(DEFAULT_LENGTH, config.nCtx() / 2 - 1);
    if (length < 2) {
      throw new IllegalArgumentException(
          "tokens cannot be said twice in the %d positions of %s: 6 are needed"
              .formatted(config.nCtx(), config.name()));
    }
    return of(length, DEFAULT_SEQUENCES, DEFAULT_SEED);
  }

  /** Returns this with another number of tokens that are said twice. */
  public RepeatedTokens withLength(int newLength) {
    return new RepeatedTokens(newLength, sequences, seed, bos);
  }

  /** Returns this with another number of sequences. */
  public RepeatedTokens withSequences(int newSequences) {
    return new RepeatedTokens(length, newSequences, seed, bos);
  }

  /** Returns this with another seed. */
  public RepeatedTokens withSeed(long newSeed) {
    return new RepeatedTokens(length, sequences, newSeed, bos);
  }

  /** Returns this with a token in front of each sequence, as TransformerLens' demos have it. */
  public RepeatedTokens withBos(int id) {
    return new RepeatedTokens(length, sequences, seed, id);
  }

  /** Returns the position of the first token that is said twice. */
  int start() {
    return bos == null ? 0 : 1;
  }

  /**
   * Returns the sequences, each a batch of its own: {@code [1, 2·length]}, and one longer with a
   * token in front.
   *
   * @throws IllegalArgumentException if they are longer than the model's context
   */
  public List<TokenBatch> draw(Gpt2Config config) {
    if (length > (config.nCtx() - start()) / 2) {
      throw new IllegalArgumentException(
          "%d tokens said twice%s do not fit: %s has %d positions"
              .formatted(
                  length, bos == null ? "" : " behind another", config.name(), config.nCtx()));
    }
    SplittableRandom random = new SplittableRandom(seed);
    return Stream.generate(() -> random.ints(length, 0, config.dVocab()).toArray())
        .limit(sequences)
        .map(once -> TokenBatch.of(saidTwice(once)))
        .toList();
  }

  private int[] saidTwice(int[] once) {
    IntStream first = bos == null ? IntStream.empty() : IntStream.of(bos);
    return IntStream.concat(first, IntStream.concat(IntStream.of(once), IntStream.of(once)))
        .toArray();
  }

  /**
   * Returns this in words: {@code 50 random tokens said twice, sequences: 10, seed: 1, bos: none}.
   */
  @Override
  public String toString() {
    return "%d random tokens said twice, sequences: %d, seed: %d, bos: %s"
        .formatted(length, sequences, seed, bos == null ? "none" : bos);
  }
}
