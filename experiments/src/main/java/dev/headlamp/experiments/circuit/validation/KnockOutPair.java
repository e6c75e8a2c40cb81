package dev.headlamp.experiments.circuit.validation;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The same heads K taken out of the circuit and out of the model.
 *
 * @param label what a table calls K
 * @param removed K
 * @param circuit F(C \\ K)
 * @param model F(M \\ K)
 */
public record KnockOutPair(String label, Set<CircuitNode> removed, double circuit, double model) {

  static KnockOutPair of(
      String label, AblatedRuns runs, Circuit circuit, Collection<CircuitNode> removed) {
    Set<CircuitNode> rest = new LinkedHashSet<>(circuit.nodes());
    rest.removeAll(removed);
    // In order, which Set.copyOf would lose: one seed prints one K.
    Set<CircuitNode> inOrder = Collections.unmodifiableSet(new LinkedHashSet<>(removed));
    return new KnockOutPair(label, inOrder, runs.keeping(rest), runs.without(removed));
  }

  /** Returns the incompleteness of the circuit by K, |F(C \\ K) − F(M \\ K)|. */
  public double incompleteness() {
    return Math.abs(circuit - model);
  }
}
