package dev.headlamp.experiments.induction;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import dev.headlamp.hooks.heads.RepeatedTokens;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How surprised a model is by random tokens T_1 to T_n that are said twice, with some of its
 * components ablated. Borrows the model; what means are taken of is held until this is closed.
 */
public final class RepetitionLoss implements AutoCloseable {

  /**
   * Mean −ln p of tokens 2 to n, in nats, over all sequences.
   *
   * @param first when the tokens are said for the first time and nothing can be known of them
   * @param second when they are said again: the model has to copy
   */
  public record Losses(double first, double second) {}

  private final HookedGpt2 model;
  private final List<TokenBatch> sequences;
  private final int length;
  private final int start;
  private final Hook ablation;
  private final @Nullable ActivationCache reference;

  private RepetitionLoss(
      HookedGpt2 model, RepeatedTokens tokens, Hook ablation, @Nullable ActivationCache reference) {
    this.model = model;
    this.sequences = tokens.draw(model.config());
    this.length = tokens.length();
    this.start = tokens.bos() == null ? 0 : 1;
    this.ablation = ablation;
    this.reference = reference;
  }

  /**
   * Returns the loss of a model on some tokens.
   *
   * @param ablation what is put in the place of an ablated component
   * @throws IllegalArgumentException if the tokens do not fit the model's context
   */
  public static RepetitionLoss of(HookedGpt2 model, RepeatedTokens tokens, Hook ablation) {
    return new RepetitionLoss(model, tokens, ablation, null);
  }

  /**
   * Returns the loss of a model whose heads are ablated by their mean: that of z over all positions
   * of all sequences.
   *
   * @throws IllegalArgumentException if the tokens do not fit the model's context
   */
  public static RepetitionLoss ofHeadMeans(HookedGpt2 model, RepeatedTokens tokens) {
    CacheSpec z = CacheSpec.of(Activation.Z).stopAt(model.config().nLayers());
    TokenBatch sequences = TokenBatch.concat(tokens.draw(model.config()));
    CachedRun run = model.runWithCache(sequences, z);
    run.result().close();
    Hook mean = Ablations.meanOverPositions(ReferenceSet.of(run.cache()));
    return new RepetitionLoss(model, tokens, mean, run.cache());
  }

  /**
   * Returns the losses with some components ablated together; as the model is if there are none.
   *
   * @throws IllegalArgumentException if the model has no such component
   * @throws ArithmeticException if the model gives no numbers
   */
  public Losses without(List<AblationTarget> ablated) {
    try (HookRegistry hooks = model.newHooks()) {
      ablated.forEach(target -> target.register(ablation, hooks));
      double first = 0;
      double second = 0;
      for (TokenBatch sequence : sequences) {
        Losses ofSequence = losses(sequence, hooks);
        first += ofSequence.first();
        second += ofSequence.second();
      }
      if (Double.isNaN(first + second)) {
        throw new ArithmeticException(model.config().name() + " gives logits that are NaN");
      }
      return new Losses(first / sequences.size(), second / sequences.size());
    }
  }

  private Losses losses(TokenBatch sequence, HookRegistry hooks) {
    // Each token is predicted where the one before it stands.
    int[] before =
        IntStream.concat(
                IntStream.range(start, start + length - 1),
                IntStream.range(start + length, start + 2 * length - 1))
            .toArray();
    RunSpec spec = RunSpec.of(sequence).withLogits(LogitSelection.at(before));
    try (RunResult run = model.run(spec, hooks)) {
      double[] losses =
          IntStream.range(0, before.length)
              .mapToDouble(
                  i ->
                      -NextToken.of(run.logits(), 0, i)
                          .logProbability(sequence.id(0, before[i] + 1)))
              .toArray();
      return new Losses(mean(losses, 0), mean(losses, length - 1));
    }
  }

  /** Frees what means are taken of. Closing again has no effect. */
  @Override
  public void close() {
    if (reference != null) {
      reference.close();
    }
  }

  private double mean(double[] losses, int from) {
    return IntStream.range(from, from + length - 1)
        .mapToDouble(i -> losses[i])
        .average()
        .orElseThrow();
  }
}
