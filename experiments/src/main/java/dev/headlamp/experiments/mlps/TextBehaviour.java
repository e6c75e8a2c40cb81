package dev.headlamp.experiments.mlps;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenLoss;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Predicting each token of a text from those before it. A text longer than the context is run in
 * windows that follow one another, each behind a beginning-of-sequence token if there is one. Means
 * are over all tokens of the text.
 */
public final class TextBehaviour implements Behaviour {

  private static final List<String> QUANTITIES = List.of("loss");

  private final HookedGpt2 model;
  private final List<TokenBatch> windows;
  private @Nullable CachedRun reference;

  private TextBehaviour(HookedGpt2 model, List<TokenBatch> windows) {
    this.model = model;
    this.windows = windows;
  }

  /**
   * Returns the behaviour on a text.
   *
   * @param tokens the text
   * @param bos what each window begins with, or null for nothing
   * @throws IllegalArgumentException if there are too few tokens to predict one
   */
  public static TextBehaviour of(HookedGpt2 model, int[] tokens, @Nullable Integer bos) {
    int[] front = bos == null ? new int[0] : new int[] {bos};
    int capacity = model.config().nCtx() - front.length;
    List<TokenBatch> windows = new ArrayList<>();
    for (int from = 0; from < tokens.length; from += capacity) {
      int to = Math.min(from + capacity, tokens.length);
      int[] window =
          IntStream.concat(Arrays.stream(front), Arrays.stream(tokens, from, to)).toArray();
      if (window.length > 1) {
        windows.add(TokenBatch.of(window));
      }
    }
    if (windows.isEmpty()) {
      throw new IllegalArgumentException(
          "a text of %d tokens has none to be predicted".formatted(tokens.length));
    }
    return new TextBehaviour(model, windows);
  }

  @Override
  public HookedGpt2 model() {
    return model;
  }

  @Override
  public List<String> quantities() {
    return QUANTITIES;
  }

  @Override
  public double[] measure(HookRegistry hooks) {
    double sum = 0;
    long count = 0;
    for (TokenBatch window : windows) {
      try (RunResult run = model.run(RunSpec.of(window), hooks)) {
        double[] losses = TokenLoss.perToken(run.logits(), window)[0];
        sum += Arrays.stream(losses).sum();
        count += losses.length;
      }
    }
    if (Double.isNaN(sum)) {
      throw new ArithmeticException(model.config().name() + " gives logits that are NaN");
    }
    return new double[] {sum / count};
  }

  @Override
  public Hook mean() {
    if (reference == null) {
      CacheSpec spec = CacheSpec.of(Activation.MLP_OUT).stopAt(model.config().nLayers());
      reference = model.runWithCache(TokenBatch.concat(windows), spec);
    }
    return Ablations.meanOverPositions(ReferenceSet.of(reference.cache()));
  }

  @Override
  public void close() {
    if (reference != null) {
      reference.close();
    }
  }
}
