package dev.headlamp.experiments.circuit.validation;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import java.util.Set;

/**
 * How much of the task a circuit does by itself, everything outside it ablated (Wang et al. 2022,
 * section 4). All values are mean logit differences.
 *
 * @param model F(M), of the whole model
 * @param circuit F(C), of the circuit
 * @param nothing F(∅), with every head ablated: what the MLPs and embeddings do by themselves
 */
public record Faithfulness(double model, double circuit, double nothing) {

  /** Returns the faithfulness of a circuit. */
  public static Faithfulness of(AblatedRuns runs, Circuit circuit) {
    return of(runs, circuit.nodes());
  }

  static Faithfulness of(AblatedRuns runs, Set<CircuitNode> nodes) {
    return new Faithfulness(runs.original(), runs.keeping(nodes), runs.keeping(List.of()));
  }

  /** Returns |F(M) − F(C)|. */
  public double difference() {
    return Math.abs(model - circuit);
  }

  /** Returns the share of F(M) that is not missed, 1 − |F(M) − F(C)| / |F(M)|: the paper's 87 %. */
  public double share() {
    return 1 - difference() / Math.abs(model);
  }

  /** Returns the numbers as a table: {@code [row, quantity]}. */
  public LabelledArray table() {
    return ResultTable.of("faithfulness", "mean logit difference", "value")
        .add("F(M)", model)
        .add("F(C)", circuit)
        .add("F(nothing)", nothing)
        .add("|F(M) - F(C)|", difference())
        .add("1 - |F(M) - F(C)| / |F(M)|", share())
        .toArray();
  }
}
