package dev.headlamp.experiments.circuit.validation;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.Head;
import dev.headlamp.experiments.circuit.HeadClass;
import dev.headlamp.experiments.circuit.HeadRole;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether every head of a circuit is needed: for each there should be some K without which it
 * matters (Wang et al. 2022, section 4.2, and its code).
 *
 * @param model F(M)
 * @param scores what each head is worth, those that were computed
 */
public record Minimality(double model, List<Score> scores) {

  /**
   * What one head is worth.
   *
   * @param node the head v
   * @param without K, taken out of the circuit before
   * @param before F(C \\ K)
   * @param after F(C \\ (K + v))
   */
  public record Score(CircuitNode node, Set<CircuitNode> without, double before, double after) {

    /** Returns |F(C \\ (K + v)) − F(C \\ K)|. */
    public double value() {
      return Math.abs(after - before);
    }
  }

  /** Copies the list. */
  public Minimality {
    scores = List.copyOf(scores);
  }

  /**
   * Returns the score of every head of a circuit; those that were computed before the monitor
   * cancelled. K is
   *
   * <ul>
   *   <li>what the circuit lists for the head, if it lists something;
   *   <li>for a name mover or backup those listed before it, the important ones first;
   *   <li>for others the rest of their class.
   * </ul>
   */
  public static Minimality of(AblatedRuns runs, Circuit circuit, SweepMonitor monitor) {
    List<Score> scores = new ArrayList<>();
    for (CircuitNode node : circuit.nodes()) {
      if (monitor.stops()) {
        break;
      }
      scores.add(score(runs, circuit, node, without(circuit, node)));
      monitor.onProgress(scores.size(), circuit.nodes().size());
    }
    return new Minimality(runs.original(), scores);
  }

  private static Score score(
      AblatedRuns runs, Circuit circuit, CircuitNode node, Collection<CircuitNode> without) {
    Set<CircuitNode> rest = new LinkedHashSet<>(circuit.nodes());
    rest.removeAll(without);
    double before = runs.keeping(rest);
    rest.remove(node);
    return new Score(node, Set.copyOf(without), before, runs.keeping(rest));
  }

  private static List<CircuitNode> without(Circuit circuit, CircuitNode node) {
    List<Head> listed = circuit.minimalitySets().get(node.head());
    if (listed != null) {
      return circuit.nodesOf(listed).stream().filter(other -> !other.equals(node)).toList();
    }
    HeadClass own = circuit.classOf(node);
    List<CircuitNode> movers = circuit.nodes(HeadRole.NAME_MOVER, HeadRole.BACKUP_NAME_MOVER);
    return movers.contains(node)
        ? movers.subList(0, movers.indexOf(node))
        : own.nodes().stream().filter(other -> !other.equals(node)).toList();
  }

  /** Returns the head that is worth least. */
  public Score least() {
    return scores.stream()
        .min(Comparator.comparingDouble(Score::value))
        .orElseThrow(() -> new IllegalStateException("nothing was computed"));
  }

  /** Returns the scores as a table: {@code [row, quantity]}. */
  public LabelledArray table() {
    ResultTable table =
        ResultTable.of(
            "minimality",
            "mean logit difference",
            "F(C\\(K+v))",
            "F(C\\K)",
            "score",
            "share of F(M)",
            "heads in K");
    scores.forEach(
        score ->
            table.add(
                score.node().toString(),
                score.after(),
                score.before(),
                score.value(),
                score.value() / Math.abs(model),
                score.without().size()));
    return table.toArray();
  }
}
