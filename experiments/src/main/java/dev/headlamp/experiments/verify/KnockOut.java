package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Puts, at the last position of one prompt, each head of one layer at its mean over other prompts,
 * and compares the next token with and without.
 */
final class KnockOut implements AutoCloseable {

  private final HookedGpt2 model;
  private final TokenBatch tokens;
  private final HookPoint z;
  private final CachedRun original;

  /** Runs the prompt, of a batch of one, as it is. */
  KnockOut(HookedGpt2 model, TokenBatch tokens, int layer) {
    this.model = model;
    this.tokens = tokens;
    this.z = HookPoint.of(Activation.Z, layer);
    this.original = model.runWithCache(tokens, CacheSpec.of(entering(layer)));
  }

  private static HookPoint entering(int layer) {
    return HookPoint.of(Activation.RESID_PRE, layer);
  }

  /**
   * What a knocked-out head changes.
   *
   * @param kl KL(original ‖ without) of the next token, in nats
   * @param probability p(answer) of the original less that without
   */
  record Effect(double kl, double probability) {}

  /** Returns the effect of each head, with means over the last positions of {@code reference}. */
  Effect[] effects(TokenBatch reference, int answer) {
    CacheSpec lastZ = CacheSpec.of(z).at(Positions.last()).stopAt(z.layer() + 1);
    NextToken before = NextToken.of(original.logits(), 0, tokens.lastPos(0));
    try (CachedRun run = model.runWithCache(reference, lastZ);
        INDArray means = run.cache().get(z).mean(0, 1)) {
      return IntStream.range(0, model.config().nHeads())
          .mapToObj(head -> effect(before, nextTokenWithout(head, means), answer))
          .toArray(Effect[]::new);
    }
  }

  private NextToken nextTokenWithout(int head, INDArray means) {
    RunSpec lastLayers =
        RunSpec.of(tokens)
            .startAt(z.layer(), original.cache().get(entering(z.layer())))
            .withLogits(LogitSelection.last());
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add(
          z,
          Part.everything().heads(head).at(Positions.last()),
          (value, context) -> means.getRow(head).reshape(value.shape()));
      try (INDArray logits = model.run(lastLayers, hooks).logits()) {
        return NextToken.of(logits, 0, 0);
      }
    }
  }

  private Effect effect(NextToken before, NextToken after, int answer) {
    double kl =
        IntStream.range(0, model.config().dVocab())
            .mapToDouble(
                token ->
                    before.probability(token)
                        * (before.logProbability(token) - after.logProbability(token)))
            .sum();
    return new Effect(kl, before.probability(answer) - after.probability(answer));
  }

  @Override
  public void close() {
    original.close();
  }
}
