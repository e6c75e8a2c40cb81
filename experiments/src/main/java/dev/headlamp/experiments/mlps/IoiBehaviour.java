package dev.headlamp.experiments.mlps;

import dev.headlamp.engine.Activation;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.NextTokens;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Naming the indirect object. Means are those of the IOI paper: over prompts with three different
 * names, within each template, position by position.
 */
public final class IoiBehaviour implements Behaviour {

  private static final List<String> QUANTITIES =
      List.of("logit difference", "share IO > S", "probability of IO", "loss on IO");

  private final HookedGpt2 model;
  private final IoiDataset prompts;
  private final long referenceSeed;
  private @Nullable CachedRun reference;

  private IoiBehaviour(HookedGpt2 model, IoiDataset prompts, long referenceSeed) {
    this.model = model;
    this.prompts = prompts;
    this.referenceSeed = referenceSeed;
  }

  /**
   * Returns the behaviour on some prompts.
   *
   * @param referenceSeed draws the names of the prompts that means are taken over
   */
  public static IoiBehaviour of(HookedGpt2 model, IoiDataset prompts, long referenceSeed) {
    return new IoiBehaviour(model, prompts, referenceSeed);
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
    List<NextToken> next = NextTokens.after(model, prompts, hooks);
    int[] indirectObjects = prompts.answers();
    int[] subjects = prompts.wrong();
    double[] means = new double[QUANTITIES.size()];
    for (int i = 0; i < next.size(); i++) {
      double difference = next.get(i).logit(indirectObjects[i]) - next.get(i).logit(subjects[i]);
      means[0] += difference / next.size();
      means[1] += difference > 0 ? 1.0 / next.size() : 0;
      means[2] += next.get(i).probability(indirectObjects[i]) / next.size();
      means[3] -= next.get(i).logProbability(indirectObjects[i]) / next.size();
    }
    return means;
  }

  @Override
  public Hook mean() {
    IoiDataset others = prompts.flipped(IoiFlip.ABC, referenceSeed);
    if (reference == null) {
      CacheSpec spec = CacheSpec.of(Activation.MLP_OUT).stopAt(model.config().nLayers());
      reference = model.runWithCache(others.tokens(), spec);
    }
    return Ablations.meanPerPosition(
        ReferenceSet.of(reference.cache()).withinGroups(others.groups(), prompts.groups()));
  }

  @Override
  public void close() {
    if (reference != null) {
      reference.close();
    }
  }
}
