package dev.headlamp.experiments.circuit;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.tokenizer.Bos;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A circuit for a model that nobody has described yet, found by ablation.
 *
 * <p>Every head at IO, S1, S1+1, S2 and END is taken out of the whole model by itself, and ranked
 * by how much the mean logit difference changes. From nothing, with every head ablated, a circuit
 * then grows: of the {@link Rule#candidates} strongest that are not in it yet, the one is added
 * that brings F(C) nearest to F(M). It is done as soon as 1 − |F(M) − F(C)| / |F(M)| reaches the
 * target; otherwise it ends when it has as many heads as the rule allows, or when no candidate
 * brings F(C) nearer. Roles are guessed afterwards, from what heads attend to: at END to IO a name
 * mover, to S1 and S2 an S-inhibition head; at S2 to S1 a duplicate token head, to S1+1 an
 * induction head; at S1+1 to S1 a previous token head.
 *
 * <p>The proposal is what suffices on these prompts, and no more: other circuits may do as well.
 *
 * @param circuit the circuit
 * @param steps how it grew
 * @param reached whether it reached the target
 */
public record CircuitProposal(Circuit circuit, List<Step> steps, boolean reached) {

  /**
   * When to stop.
   *
   * @param target the share of F(M) to reach, such as 0.8
   * @param mostHeads the share of the model's heads that may be used, such as 0.5
   * @param candidates how many are tried at each step
   */
  public record Rule(double target, double mostHeads, int candidates) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if a share is not between 0 and 1, or there is no candidate
     */
    public Rule {
      if (!(target > 0 && target <= 1) || !(mostHeads > 0 && mostHeads <= 1) || candidates < 1) {
        throw new IllegalArgumentException(
            "shares must be above 0 and at most 1, and candidates 1 or more, not %s, %s, %s"
                .formatted(target, mostHeads, candidates));
      }
    }

    /** Returns how many runs of the model a proposal needs at most. */
    public long mostRuns(Gpt2Config config) {
      return nodes(config).size() + (long) candidates * mostHeads(config);
    }

    int mostHeads(Gpt2Config config) {
      return (int) (mostHeads * config.nLayers() * config.nHeads());
    }

    /** Returns 80 % of the logit difference with at most half of the heads, 12 tried at a time. */
    public static Rule defaults() {
      return new Rule(0.8, 0.5, 12);
    }
  }

  /**
   * One head added.
   *
   * @param added the head at its position
   * @param knockOut by how much its removal from the whole model changes the logit difference
   * @param circuit F(C) with it
   */
  public record Step(CircuitNode added, double knockOut, double circuit) {}

  private static final List<IoiPosition> POSITIONS =
      List.of(
          IoiPosition.IO, IoiPosition.S1, IoiPosition.S1_PLUS_1, IoiPosition.S2, IoiPosition.END);

  /** Copies the list. */
  public CircuitProposal {
    steps = List.copyOf(steps);
  }

  /** Returns every head of a model at every position that a proposal considers. */
  public static List<CircuitNode> nodes(Gpt2Config config) {
    return BackwardTrace.heads(config)
        .flatMap(head -> POSITIONS.stream().map(position -> new CircuitNode(head, position)))
        .toList();
  }

  /**
   * Proposes a circuit; none if the monitor cancelled before there was one.
   *
   * @throws IllegalStateException if no head brings the circuit nearer to the model
   */
  public static Optional<CircuitProposal> of(AblatedRuns runs, Rule rule, SweepMonitor monitor) {
    Map<CircuitNode, Double> knockOuts = knockOuts(runs, rule, monitor);
    List<CircuitNode> ranked =
        knockOuts.keySet().stream()
            .sorted(Comparator.comparingDouble(node -> -Math.abs(knockOuts.get(node))))
            .toList();
    Gpt2Config config = runs.task().model().config();
    int most = rule.mostHeads(config);
    Set<CircuitNode> kept = new LinkedHashSet<>();
    List<Step> steps = new ArrayList<>();
    double value = runs.keeping(kept);
    while (!reached(runs, value, rule) && !monitor.stops()) {
      CircuitNode best = best(runs, ranked, kept, most, rule.candidates);
      double with = best == null ? value : runs.keeping(with(kept, best));
      if (best == null || missing(runs, with) >= missing(runs, value)) {
        break;
      }
      kept.add(best);
      value = with;
      steps.add(new Step(best, knockOuts.get(best), value));
      monitor.onProgress(
          knockOuts.size() + (long) rule.candidates * steps.size(), rule.mostRuns(config));
    }
    if (monitor.stops()) {
      return Optional.empty();
    }
    if (kept.isEmpty()) {
      throw new IllegalStateException("no head brings the circuit nearer to the model");
    }
    return Optional.of(
        new CircuitProposal(
            Circuit.of(
                runs.task().model().config().name() + " IOI, proposed",
                "found by ablation on %d IOI prompts, %s"
                    .formatted(
                        runs.task().ioi().size(),
                        runs.task().ioi().bos() == Bos.PREPEND ? "BOS in front" : "no BOS"),
                RoleGuess.classes(runs.task(), List.copyOf(kept))),
            steps,
            reached(runs, value, rule)));
  }

  private static Map<CircuitNode, Double> knockOuts(
      AblatedRuns runs, Rule rule, SweepMonitor monitor) {
    List<CircuitNode> nodes = nodes(runs.task().model().config());
    Map<CircuitNode, Double> changes = new LinkedHashMap<>();
    for (CircuitNode node : nodes) {
      if (monitor.stops()) {
        break;
      }
      changes.put(node, runs.without(List.of(node)) - runs.original());
      monitor.onProgress(changes.size(), rule.mostRuns(runs.task().model().config()));
    }
    return changes;
  }

  private static @Nullable CircuitNode best(
      AblatedRuns runs, List<CircuitNode> ranked, Set<CircuitNode> kept, int most, int candidates) {
    Set<Head> heads = kept.stream().map(CircuitNode::head).collect(Collectors.toSet());
    return ranked.stream()
        .filter(node -> !kept.contains(node))
        .filter(node -> heads.size() < most || heads.contains(node.head()))
        .limit(candidates)
        .min(Comparator.comparingDouble(node -> missing(runs, runs.keeping(with(kept, node)))))
        .orElse(null);
  }

  private static Set<CircuitNode> with(Set<CircuitNode> kept, CircuitNode node) {
    Set<CircuitNode> more = new LinkedHashSet<>(kept);
    more.add(node);
    return more;
  }

  private static double missing(AblatedRuns runs, double circuit) {
    return Math.abs(runs.original() - circuit);
  }

  private static boolean reached(AblatedRuns runs, double circuit, Rule rule) {
    return missing(runs, circuit) <= (1 - rule.target) * Math.abs(runs.original());
  }

  /** Returns how the circuit grew as a table: {@code [row, quantity]}. */
  public LabelledArray table() {
    ResultTable table =
        ResultTable.of("proposal", "mean logit difference", "knock-out", "F(C) with it");
    steps.forEach(step -> table.add("+ " + step.added, step.knockOut, step.circuit));
    return table.toArray();
  }
}
