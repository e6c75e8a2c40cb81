package dev.headlamp.experiments.circuit.validation;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.HeadClass;
import dev.headlamp.experiments.circuit.HeadRole;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.plots.ScatterPlot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;

/**
 * Whether a circuit holds all there is: it should lose by the removal of some of its heads K what
 * the model loses (Wang et al. 2022, section 4.1).
 *
 * @param pairs what was found for each K, those that were computed
 */
public record Completeness(List<KnockOutPair> pairs) {

  private static final String RANDOM = "random ";
  private static final String GREEDY = "greedy ";

  /** Copies the list. */
  public Completeness {
    pairs = List.copyOf(pairs);
  }

  /**
   * Returns the completeness by the empty set, every class, random sets, and sets that greedy
   * searches find; those that were computed before the monitor cancelled.
   *
   * @param randomSets how many sets to draw, each head with probability one half
   * @param greedy how to search
   */
  public static Completeness of(
      AblatedRuns runs,
      Circuit circuit,
      int randomSets,
      GreedySearch greedy,
      long seed,
      SweepMonitor monitor) {
    List<KnockOutPair> pairs = new ArrayList<>();
    Random random = new Random(seed);
    List<Named> sets = new ArrayList<>(byClass(circuit));
    for (int i = 1; i <= randomSets; i++) {
      List<CircuitNode> drawn =
          circuit.nodes().stream().filter(node -> random.nextBoolean()).toList();
      sets.add(new Named(RANDOM + i, drawn));
    }
    int total = sets.size() + greedy.runs();
    for (Named set : sets) {
      if (monitor.stops()) {
        return new Completeness(pairs);
      }
      pairs.add(KnockOutPair.of(set.label, runs, circuit, set.nodes));
      monitor.onProgress(pairs.size(), total);
    }
    for (int i = 1; i <= greedy.runs() && !monitor.stops(); i++) {
      pairs.add(greedy.search(GREEDY + i, runs, circuit, random, monitor));
      monitor.onProgress(pairs.size(), total);
    }
    return new Completeness(pairs);
  }

  private record Named(String label, List<CircuitNode> nodes) {}

  /** The paper's code counts the backups as name movers, so both are taken together too. */
  private static List<Named> byClass(Circuit circuit) {
    List<Named> sets = new ArrayList<>();
    sets.add(new Named("none", List.of()));
    for (HeadClass heads : circuit.classes()) {
      sets.add(new Named(heads.toString(), heads.nodes()));
    }
    List<CircuitNode> movers = circuit.nodes(HeadRole.NAME_MOVER);
    List<CircuitNode> all = circuit.nodes(HeadRole.NAME_MOVER, HeadRole.BACKUP_NAME_MOVER);
    if (!movers.isEmpty() && all.size() > movers.size()) {
      sets.add(new Named("name mover and backup", all));
    }
    return sets;
  }

  /** Returns the pair with the largest incompleteness: the worst that was found. */
  public KnockOutPair worst() {
    return pairs.stream()
        .max(Comparator.comparingDouble(KnockOutPair::incompleteness))
        .orElseThrow(() -> new IllegalStateException("nothing was computed"));
  }

  /**
   * Returns the worst by greedy search, and mean and worst by random sets: {@code [row, quantity]}.
   */
  public LabelledArray extremes() {
    return ResultTable.of("incompleteness", "mean logit difference", "difference")
        .add("largest, greedy", incompleteness(GREEDY).max().orElse(LabelledArray.ABSENT))
        .add("largest, random", incompleteness(RANDOM).max().orElse(LabelledArray.ABSENT))
        .add("mean, random", incompleteness(RANDOM).average().orElse(LabelledArray.ABSENT))
        .toArray();
  }

  /** Returns the paper's picture of it: on the diagonal the circuit loses what the model loses. */
  public ScatterPlot scatter() {
    Axis sets = new Axis("K", pairs.stream().map(KnockOutPair::label).toList());
    return new ScatterPlot(
        "Completeness: heads K taken out of the model and of the circuit",
        LabelledArray.of(
            "F(M\\K)",
            "mean logit difference",
            List.of(sets),
            pairs.stream().mapToDouble(KnockOutPair::model).toArray()),
        LabelledArray.of(
            "F(C\\K)",
            "mean logit difference",
            List.of(sets),
            pairs.stream().mapToDouble(KnockOutPair::circuit).toArray()));
  }

  private DoubleStream incompleteness(String kind) {
    return pairs.stream()
        .filter(pair -> pair.label().startsWith(kind))
        .mapToDouble(KnockOutPair::incompleteness);
  }

  /** Returns the pairs as a table: {@code [row, quantity]}. */
  public LabelledArray table() {
    ResultTable table =
        ResultTable.of(
            "completeness",
            "mean logit difference",
            "F(C\\K)",
            "F(M\\K)",
            "difference",
            "heads in K");
    pairs.forEach(
        pair ->
            table.add(
                pair.label(),
                pair.circuit(),
                pair.model(),
                pair.incompleteness(),
                pair.removed().size()));
    return table.toArray();
  }
}
