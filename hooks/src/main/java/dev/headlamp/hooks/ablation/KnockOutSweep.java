package dev.headlamp.hooks.ablation;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.SweepMonitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Knock-outs: one component of the model after another is ablated, and what the model says of the
 * token that follows each prompt is compared with what it says as it is.
 *
 * <p>An ablation in layer l cannot change anything below l, so every ablated run starts at the
 * residual stream that the original run had there, and computes only the last position's logits.
 * Holds those residual streams until closed.
 */
public final class KnockOutSweep implements AutoCloseable {

  private final HookedGpt2 model;
  private final TokenBatch prompts;
  private final CachedRun original;
  private final List<NextToken> before;

  private KnockOutSweep(HookedGpt2 model, TokenBatch prompts) {
    this.model = Objects.requireNonNull(model, "model");
    this.prompts = Objects.requireNonNull(prompts, "prompts");
    int layers = model.config().nLayers();
    this.original = model.runWithCache(prompts, CacheSpec.of(Activation.RESID_PRE).stopAt(layers));
    try {
      RunSpec end = RunSpec.of(prompts).startAt(layers, original.result().residual());
      this.before = nextTokens(end, model.newHooks(), "as it is");
    } catch (RuntimeException | Error e) {
      original.close();
      throw e;
    }
  }

  /**
   * Runs the prompts as they are, and returns sweeps over them.
   *
   * @param model borrowed
   * @throws IllegalArgumentException if the prompts do not fit the model
   * @throws ArithmeticException if the model gives logits that are NaN
   */
  public static KnockOutSweep of(HookedGpt2 model, TokenBatch prompts) {
    return new KnockOutSweep(model, prompts);
  }

  /** Returns what the model as it is says of the token that follows each prompt. */
  public List<NextToken> original() {
    return before;
  }

  /**
   * Returns what each target's ablation changes, in the order of the targets.
   *
   * @throws IllegalArgumentException if the model has no such target, two have one label, a column
   *     does not fit the prompts, or the ablation refuses a target
   * @throws ArithmeticException if an ablated run gives logits that are NaN
   * @throws IllegalStateException if this is closed
   */
  public KnockOutTable run(
      List<AblationTarget> targets, Hook ablation, List<KnockOutColumn> columns) {
    return run(targets, ablation, columns, SweepMonitor.NONE);
  }

  /**
   * Returns what each target's ablation changes, in the order of the targets; what was not computed
   * because {@code monitor} cancelled, or the thread was interrupted, is absent.
   *
   * @throws IllegalArgumentException if the model has no such target, two have one label, a column
   *     does not fit the prompts, or the ablation refuses a target
   * @throws ArithmeticException if an ablated run gives logits that are NaN
   * @throws IllegalStateException if this is closed
   */
  public KnockOutTable run(
      List<AblationTarget> targets,
      Hook ablation,
      List<KnockOutColumn> columns,
      SweepMonitor monitor) {
    targets.forEach(target -> checkFits(target, ablation));
    columns.forEach(column -> column.change().perPrompt(before, before));
    KnockOutTable table = KnockOutTable.empty(targets, columns, prompts.batch());
    List<double[][]> effects = new ArrayList<>();
    for (int i = 0; i < targets.size() && !cancelled(monitor); i++) {
      List<NextToken> after = without(targets.get(i), ablation);
      effects.add(
          columns.stream()
              .map(column -> column.change().perPrompt(before, after))
              .toArray(double[][]::new));
      monitor.onProgress(i + 1L, targets.size());
    }
    return table.with(effects);
  }

  private static boolean cancelled(SweepMonitor monitor) {
    return monitor.isCancelled() || Thread.currentThread().isInterrupted();
  }

  private void checkFits(AblationTarget target, Hook ablation) {
    try (HookRegistry hooks = model.newHooks()) {
      target.register(ablation, hooks);
    }
  }

  private List<NextToken> without(AblationTarget target, Hook ablation) {
    int layer = target.firstLayer(model.config());
    INDArray entering = original.cache().get(HookPoint.of(Activation.RESID_PRE, layer));
    // Layer 0 starts at the embedding, which may be what is ablated.
    RunSpec whole = RunSpec.of(prompts);
    RunSpec run = layer == 0 ? whole : whole.startAt(layer, entering);
    try (HookRegistry hooks = model.newHooks()) {
      target.register(ablation, hooks);
      return nextTokens(run, hooks, "without " + target.label());
    }
  }

  private List<NextToken> nextTokens(RunSpec spec, HookRegistry hooks, String how) {
    try (RunResult run = model.run(spec.withLogits(LogitSelection.last()), hooks)) {
      List<NextToken> next =
          IntStream.range(0, prompts.batch())
              .mapToObj(prompt -> NextToken.of(run.logits(), prompt, 0))
              .toList();
      if (next.stream().anyMatch(token -> Double.isNaN(token.logProbability(0)))) {
        throw new ArithmeticException(
            "%s %s gives logits that are NaN".formatted(model.config().name(), how));
      }
      return next;
    }
  }

  /** Frees the residual streams of the original run. Closing again has no effect. */
  @Override
  public void close() {
    original.close();
  }
}
