package dev.headlamp.hooks.metrics;

import dev.headlamp.engine.Gpt2Config;
import java.util.OptionalInt;

/**
 * How a text that may be longer than the context is run: in windows that overlap. Each token is
 * scored once, in the first window that holds it and something before it; so every token but those
 * of the first window is predicted from at least {@code length − stride} tokens.
 *
 * @param length tokens of a window, the beginning-of-sequence token included
 * @param stride how many tokens further the next window begins
 * @param bos the beginning-of-sequence token that every window begins with, if any; without one the
 *     first token of the text has nothing before it and is not scored
 */
public record SlidingWindow(int length, int stride, OptionalInt bos) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a window has fewer than two tokens, or the stride would
   *     leave tokens out
   */
  public SlidingWindow {
    if (length < 2) {
      throw new IllegalArgumentException(
          "a window of %d tokens has none to predict: give 2 or more".formatted(length));
    }
    if (stride < 1 || stride >= length) {
      throw new IllegalArgumentException(
          "a stride of %d does not suit a window of %d tokens: give 1 to %d"
              .formatted(stride, length, length - 1));
    }
  }

  /** Returns windows without a beginning-of-sequence token. */
  public static SlidingWindow of(int length, int stride) {
    return new SlidingWindow(length, stride, OptionalInt.empty());
  }

  /** Returns windows of a model's whole context, each half a context further. */
  public static SlidingWindow ofContext(Gpt2Config config) {
    return of(config.nCtx(), Math.max(1, config.nCtx() / 2));
  }

  /** Returns these windows with each beginning with a token, which is not scored. */
  public SlidingWindow withBos(int token) {
    return new SlidingWindow(length, stride, OptionalInt.of(token));
  }

  /** Returns how many tokens of the text a window holds. */
  int capacity() {
    return bos.isPresent() ? length - 1 : length;
  }

  /** Returns the first token of the text that is scored. */
  int firstScored() {
    return bos.isPresent() ? 0 : 1;
  }
}
