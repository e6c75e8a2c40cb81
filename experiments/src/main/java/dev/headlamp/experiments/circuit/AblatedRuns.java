package dev.headlamp.experiments.circuit;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs of a task with heads at their mean: over the p_ABC prompts of the same template, at each
 * position by itself (Wang et al. 2022, section 2.1). MLPs are never ablated; they are recomputed
 * from what they then read.
 *
 * <p>A head of a circuit counts only at its own position. Outside a circuit, therefore, is every
 * other head everywhere and the circuit's heads everywhere else; and to take a head out of the
 * whole model is to ablate it at that position.
 *
 * <p>All prompts of a run share a batch, what an ablated head holds is computed once for all runs,
 * and the same question is not run twice. Holds memory outside the Java heap until closed. For one
 * thread at a time.
 */
public final class AblatedRuns implements AutoCloseable {

  /** Heads at their positions, of which all others are ablated, or which are. */
  private record Question(Set<CircuitNode> nodes, boolean keeping) {

    String text() {
      return (keeping ? "keeping " : "without ")
          + nodes.stream().map(CircuitNode::toString).sorted().collect(Collectors.joining(", "));
    }
  }

  private final RunJournal journal;
  private final IoiTask task;
  private final Metric metric;
  private final ActivationCache means;
  private final double original;

  private AblatedRuns(IoiTask task, ActivationCache means, RunJournal journal) {
    this.task = task;
    this.journal = journal;
    this.metric = task.logitDifference();
    this.means = means;
    this.original = logitDifference(task.model().newHooks());
  }

  /**
   * Runs the reference prompts, and the prompts with every head ablated.
   *
   * @throws IllegalArgumentException if the prompts do not fit the model, or a prompt has a token
   *     where no reference prompt of its template has one
   */
  public static AblatedRuns of(IoiTask task) {
    return of(task, RunJournal.inMemory());
  }

  /**
   * Does the same, with what earlier runs gave.
   *
   * @param journal of this task; borrowed, and added to
   * @throws IllegalArgumentException if the prompts do not fit the model, or a prompt has a token
   *     where no reference prompt of its template has one
   */
  public static AblatedRuns of(IoiTask task, RunJournal journal) {
    HookedGpt2 model = task.model();
    CacheSpec z = CacheSpec.of(Activation.Z).stopAt(model.config().nLayers());
    try (CachedRun reference = model.runWithCache(task.reference(), z);
        HookRegistry hooks = model.newHooks()) {
      Hook mean =
          Ablations.meanPerPosition(
              ReferenceSet.of(reference.cache())
                  .withinGroups(task.ioi().groups(), task.ioi().groups()));
      hooks.add(point -> point.activation() == Activation.Z, mean);
      CachedRun ablated = model.runWithCache(task.prompts(), z, hooks);
      ablated.result().close();
      return new AblatedRuns(task, ablated.cache(), journal);
    }
  }

  /** Returns the task. */
  public IoiTask task() {
    return task;
  }

  /** Returns F(M): the mean logit difference of the model as it is. */
  public double original() {
    return original;
  }

  /** Returns F(C): the mean logit difference with all but some heads at their positions ablated. */
  public double keeping(Collection<CircuitNode> kept) {
    return answer(new Question(Set.copyOf(kept), true));
  }

  /** Returns F(M \\ K): the mean logit difference with some heads at their positions ablated. */
  public double without(Collection<CircuitNode> removed) {
    return answer(new Question(Set.copyOf(removed), false));
  }

  private double answer(Question question) {
    return journal.find(question.text()).orElseGet(() -> run(question));
  }

  /**
   * Returns hooks that ablate some heads at their positions; the caller closes them.
   *
   * @throws IllegalArgumentException if the model has not every head
   */
  public HookRegistry hooksWithout(Collection<CircuitNode> removed) {
    return hooks(new Question(Set.copyOf(removed), false));
  }

  private HookRegistry hooks(Question question) {
    question.nodes.forEach(node -> node.head().checkedFor(config()));
    HookRegistry hooks = task.model().newHooks();
    for (int layer = 0; layer < config().nLayers(); layer++) {
      int of = layer;
      List<CircuitNode> here = question.nodes.stream().filter(n -> n.head().layer() == of).toList();
      if (question.keeping || !here.isEmpty()) {
        hooks.add(HookPoint.of(Activation.Z, layer), mixing(layer, here, question.keeping));
      }
    }
    return hooks;
  }

  private double run(Question question) {
    try (HookRegistry hooks = hooks(question)) {
      double value = logitDifference(hooks);
      journal.add(question.text(), value);
      return value;
    }
  }

  /**
   * Returns the mean logit difference with some heads at their positions holding what they hold for
   * other prompts.
   *
   * @param source a prompt for each of the task
   * @param shift how many positions later everything stands in the source
   * @throws IllegalArgumentException if the source does not fit the model or the task
   */
  public double withOutputsFor(Collection<CircuitNode> nodes, TokenBatch source, int shift) {
    if (source.batch() != task.prompts().batch()) {
      throw new IllegalArgumentException(
          "the task has %d prompts, the source %d"
              .formatted(task.prompts().batch(), source.batch()));
    }
    nodes.forEach(node -> node.head().checkedFor(config()));
    CacheSpec z = CacheSpec.of(Activation.Z).stopAt(config().nLayers());
    try (CachedRun others = task.model().runWithCache(source, z);
        HookRegistry hooks = task.model().newHooks()) {
      nodes.stream()
          .collect(Collectors.groupingBy(node -> HookPoint.of(Activation.Z, node.head().layer())))
          .forEach(
              (point, here) ->
                  hooks.add(
                      point,
                      (value, context) -> {
                        HeadOutputs own = HeadOutputs.of(value);
                        HeadOutputs from = HeadOutputs.of(others.cache().get(point));
                        copy(here, from, shift, own);
                        return own.toArray(value.dataType());
                      }));
      return logitDifference(hooks);
    }
  }

  /** Returns the mean logit difference of a run with other hooks. */
  public double logitDifference(HookRegistry hooks) {
    RunSpec spec = RunSpec.of(task.prompts()).withLogits(metric.reads());
    try (RunResult run = task.model().run(spec, hooks)) {
      return metric.mean(run.logits(), task.prompts());
    }
  }

  /** Returns a hook that puts some heads' values into the means, or their means into the values. */
  private Hook mixing(int layer, List<CircuitNode> nodes, boolean keeping) {
    HookPoint point = HookPoint.of(Activation.Z, layer);
    if (nodes.isEmpty()) {
      return (value, context) -> means.get(point);
    }
    return (value, context) -> {
      HeadOutputs own = HeadOutputs.of(value);
      HeadOutputs ablated = HeadOutputs.of(means.get(point));
      HeadOutputs into = keeping ? ablated : own;
      HeadOutputs from = keeping ? own : ablated;
      copy(nodes, from, 0, into);
      return into.toArray(value.dataType());
    };
  }

  private void copy(List<CircuitNode> nodes, HeadOutputs from, int shift, HeadOutputs into) {
    for (CircuitNode node : nodes) {
      for (int prompt = 0; prompt < task.prompts().batch(); prompt++) {
        int pos = task.ioi().position(node.position(), prompt);
        into.copyHead(from, prompt, pos + shift, pos, node.head().index());
      }
    }
  }

  private Gpt2Config config() {
    return task.model().config();
  }

  /** Frees what is held. Closing again has no effect. */
  @Override
  public void close() {
    means.close();
  }
}
