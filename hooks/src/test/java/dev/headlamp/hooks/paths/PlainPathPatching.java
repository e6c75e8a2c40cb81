package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Algorithm 1 of arXiv 2211.00593, word for word: a run with hooks for each step and sender. */
final class PlainPathPatching implements AutoCloseable {

  private final HookedGpt2 model;
  private final TokenBatch original;
  private final Metric metric;
  private final CachedRun stepA;
  private final CachedRun stepB;

  PlainPathPatching(HookedGpt2 model, TokenBatch original, TokenBatch replacement, Metric metric) {
    this.model = model;
    this.original = original;
    this.metric = metric;
    this.stepA = model.runWithCache(replacement, CacheSpec.everything());
    this.stepB = model.runWithCache(original, CacheSpec.everything());
  }

  ActivationCache replacementCache() {
    return stepA.cache();
  }

  double effect(PathSpec paths, Sender... senders) {
    return effectOf(stepD(paths, stepC(paths, senders)));
  }

  /** Returns the metric of a run with hooks less that of the original one. */
  double effectOf(HookRegistry hooks) {
    try (hooks;
        INDArray logits = logits(hooks)) {
      return metric.mean(logits, original) - originalMetric();
    }
  }

  double originalMetric() {
    try (HookRegistry none = model.newHooks();
        INDArray logits = logits(none)) {
      return metric.mean(logits, original);
    }
  }

  private INDArray logits(HookRegistry hooks) {
    return model.run(RunSpec.of(original).withLogits(metric.reads()), hooks).logits();
  }

  private Map<Receiver, INDArray> stepC(PathSpec paths, Sender... senders) {
    Map<Receiver, INDArray> recorded = new HashMap<>();
    try (HookRegistry hooks = model.newHooks()) {
      // First of all, so that a receiver is recorded before it is frozen.
      for (Receiver receiver : paths.receivers()) {
        Hook record =
            (value, context) -> {
              recorded.put(receiver, value.dup());
              return value;
            };
        hooks.add(point(receiver), part(receiver, paths.receiverPositions()), record);
      }
      List<Activation> frozen =
          switch (paths.freezing()) {
            case QKV -> List.of(Activation.Q, Activation.K, Activation.V);
            case Z -> List.of(Activation.Z);
            case Z_AND_MLPS -> List.of(Activation.Z, Activation.MLP_OUT);
          };
      hooks.add(
          point -> frozen.contains(point.activation()), Interventions.replaceFrom(stepB.cache()));
      for (Sender sender : senders) {
        hooks.add(
            point(sender),
            part(sender, paths.senderPositions()),
            Interventions.replaceFrom(stepA.cache()));
      }
      model.run(original, hooks).close();
    }
    return recorded;
  }

  private HookRegistry stepD(PathSpec paths, Map<Receiver, INDArray> recorded) {
    HookRegistry hooks = model.newHooks();
    recorded.forEach(
        (receiver, values) ->
            hooks.add(
                point(receiver),
                part(receiver, paths.receiverPositions()),
                (value, context) -> values));
    return hooks;
  }

  private HookPoint point(Receiver receiver) {
    if (receiver instanceof Receiver.HeadInput input) {
      return HookPoint.of(input.activation(), input.layer());
    }
    return receiver instanceof Receiver.MlpInput input
        ? HookPoint.of(Activation.MLP_IN, input.layer())
        : HookPoint.of(Activation.RESID_POST, model.config().nLayers() - 1);
  }

  private static HookPoint point(Sender sender) {
    if (sender instanceof Sender.Head head) {
      return HookPoint.of(Activation.Z, head.layer());
    }
    return sender instanceof Sender.Mlp mlp
        ? HookPoint.of(Activation.MLP_OUT, mlp.layer())
        : HookPoint.of(Activation.EMBED);
  }

  private static Part part(Receiver receiver, Positions positions) {
    Part part = Part.everything().at(positions);
    return receiver instanceof Receiver.HeadInput input ? part.heads(input.head()) : part;
  }

  private static Part part(Sender sender, Positions positions) {
    Part part = Part.everything().at(positions);
    return sender instanceof Sender.Head head ? part.heads(head.head()) : part;
  }

  @Override
  public void close() {
    stepA.close();
    stepB.close();
  }
}
