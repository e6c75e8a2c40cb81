package dev.headlamp.experiments.circuit.validation;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.hooks.SweepMonitor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Looks for heads K whose removal shows a circuit to be incomplete, as the paper's code does: in
 * each step some heads are drawn, and the one that makes |F(C \\ (K + v)) − F(M \\ (K + v))|
 * largest is added to K, if that is larger than before. (The paper's algorithm 3 prints another
 * difference, |F(C \\ (K + v)) − F(C \\ K)|.)
 *
 * @param runs how often to search
 * @param steps steps of a search; the paper's 10
 * @param candidates heads drawn in a step; the paper's 10, and 5 for its naive circuit
 */
public record GreedySearch(int runs, int steps, int candidates) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there are negative runs, or no steps or candidates
   */
  public GreedySearch {
    if (runs < 0 || steps < 1 || candidates < 1) {
      throw new IllegalArgumentException(
          "greedy search needs 0 or more runs and 1 or more steps and candidates, not %d, %d, %d"
              .formatted(runs, steps, candidates));
    }
  }

  /** Returns how many runs of the model all searches need at most. */
  public long mostRuns(Circuit circuit) {
    return 2L * runs * steps * Math.min(candidates, circuit.nodes().size());
  }

  /** Returns the K that one search ends with; what it has by then if the monitor cancels. */
  KnockOutPair search(
      String label, AblatedRuns ablated, Circuit circuit, Random random, SweepMonitor monitor) {
    KnockOutPair best = KnockOutPair.of(label, ablated, circuit, Set.of());
    for (int step = 0; step < steps; step++) {
      List<CircuitNode> rest = new ArrayList<>(circuit.nodes());
      rest.removeAll(best.removed());
      Collections.shuffle(rest, random);
      Set<CircuitNode> before = best.removed();
      for (CircuitNode candidate : rest.subList(0, Math.min(candidates, rest.size()))) {
        if (monitor.stops()) {
          return best;
        }
        Set<CircuitNode> removed = new LinkedHashSet<>(before);
        removed.add(candidate);
        KnockOutPair tried = KnockOutPair.of(label, ablated, circuit, removed);
        best = tried.incompleteness() > best.incompleteness() ? tried : best;
      }
    }
    return best;
  }
}
