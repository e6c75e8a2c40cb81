package dev.headlamp.hooks.metrics;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.SweepMonitor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

/** How surprised a model is by each token of a text of any length. Immutable. */
public final class TextLoss {

  private final SlidingWindow window;
  private final int[] tokens;
  private final double[] losses;

  private TextLoss(SlidingWindow window, int[] tokens, double[] losses) {
    this.window = window;
    this.tokens = tokens;
    this.losses = losses;
  }

  /**
   * Returns the losses of a file's text, run window by window.
   *
   * <p>The text is tokenized whole. One of more than four million chars is tokenized in pieces, cut
   * behind a line's end that stands between two characters that are not white space, where GPT-2's
   * tokenizer cuts as well.
   *
   * @param file UTF-8
   * @throws IOException if the file cannot be read, or is not UTF-8
   * @throws IllegalArgumentException if the text is too short to score anything, has no place to be
   *     cut at, or the window does not fit the model
   * @throws IllegalStateException if the model has no tokenizer
   */
  public static TextLoss ofFile(
      HookedGpt2 model, Path file, SlidingWindow window, SweepMonitor monitor) throws IOException {
    int[] tokens = TextTokens.of(model.tokenizer(), TextTokens.read(file));
    return of(model, tokens, window, monitor);
  }

  /**
   * Returns the losses of a text that is given as tokens, run window by window.
   *
   * @param monitor told of every window; if it cancels, or the thread is interrupted, the losses
   *     are those of the first windows
   * @throws IllegalArgumentException if there are too few tokens to score one, a token is not in
   *     the vocabulary, or the window does not fit the model
   */
  public static TextLoss of(
      HookedGpt2 model, int[] tokens, SlidingWindow window, SweepMonitor monitor) {
    check(model, tokens, window);
    double[] losses = new double[tokens.length - window.firstScored()];
    int scored = 0;
    int windows = windows(tokens.length, window);
    for (int i = 0; i < windows && !cancelled(monitor); i++) {
      int start = i * window.stride();
      int end = Math.min(start + window.capacity(), tokens.length);
      double[] ofWindow = score(model, tokens, window, start, window.firstScored() + scored, end);
      System.arraycopy(ofWindow, 0, losses, scored, ofWindow.length);
      scored += ofWindow.length;
      monitor.onProgress(i + 1L, windows);
    }
    return new TextLoss(window, tokens.clone(), Arrays.copyOf(losses, scored));
  }

  private static void check(HookedGpt2 model, int[] tokens, SlidingWindow window) {
    if (window.length() > model.config().nCtx()) {
      throw new IllegalArgumentException(
          "a window of %d tokens does not fit: %s sees at most %d"
              .formatted(window.length(), model.config().name(), model.config().nCtx()));
    }
    if (tokens.length <= window.firstScored()) {
      throw new IllegalArgumentException(
          "a text of %d tokens has none to be scored".formatted(tokens.length));
    }
    IntStream.concat(IntStream.of(tokens), window.bos().stream())
        .forEach(model.config()::checkToken);
  }

  private static int windows(int tokens, SlidingWindow window) {
    int behindTheFirst = Math.max(0, tokens - window.capacity());
    return 1 + (behindTheFirst + window.stride() - 1) / window.stride();
  }

  private static boolean cancelled(SweepMonitor monitor) {
    return monitor.isCancelled() || Thread.currentThread().isInterrupted();
  }

  /** Returns the losses of the tokens {@code from} to {@code end - 1} in the window at start. */
  private static double[] score(
      HookedGpt2 model, int[] tokens, SlidingWindow window, int start, int from, int end) {
    int[] input =
        IntStream.concat(window.bos().stream(), Arrays.stream(tokens, start, end)).toArray();
    // What predicts a token stands right before it.
    int first = input.length - (end - from) - 1;
    int[] positions = IntStream.range(first, input.length - 1).toArray();
    RunSpec spec = RunSpec.of(TokenBatch.of(input)).withLogits(LogitSelection.at(positions));
    try (RunResult run = model.engine().run(spec)) {
      return IntStream.range(0, positions.length)
          .mapToDouble(i -> -NextToken.of(run.logits(), 0, i).logProbability(tokens[from + i]))
          .toArray();
    }
  }

  /** Returns how the text was run: to be stated beside every figure. */
  public SlidingWindow window() {
    return window;
  }

  /** Returns all tokens of the text. The array is the caller's own. */
  public int[] tokens() {
    return tokens.clone();
  }

  /** Returns which token of the text the first loss belongs to: 1, or 0 behind a BOS. */
  public int firstToken() {
    return window.firstScored();
  }

  /** Returns −ln p of each scored token, in nats, in the text's order; the caller's own. */
  public double[] perToken() {
    return losses.clone();
  }

  /**
   * Returns the mean over the scored tokens, in nats.
   *
   * @throws IllegalStateException if none was scored before the run was cancelled
   */
  public double mean() {
    return Arrays.stream(losses)
        .average()
        .orElseThrow(() -> new IllegalStateException("no token was scored"));
  }

  /** Returns exp(mean loss). */
  public double perplexity() {
    return Math.exp(mean());
  }
}
