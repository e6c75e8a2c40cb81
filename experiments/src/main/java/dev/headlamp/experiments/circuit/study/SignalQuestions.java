package dev.headlamp.experiments.circuit.study;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.HeadRole;
import dev.headlamp.experiments.circuit.behaviour.InhibitionSignals;
import dev.headlamp.experiments.circuit.behaviour.LongerPrefix;
import dev.headlamp.experiments.circuit.behaviour.SignalSources;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;

/**
 * What is asked of the signals of S-inhibition heads.
 *
 * @param runs the task; borrowed
 * @param circuit the circuit
 * @param inhibiting its S-inhibition heads, one at least
 */
record SignalQuestions(AblatedRuns runs, Circuit circuit, List<CircuitNode> inhibiting) {

  /**
   * Returns the answers.
   *
   * @param seed draws the random names
   */
  SectionResult answered(long seed) {
    InhibitionSignals signals = InhibitionSignals.of(runs, inhibiting, seed);
    double[] fit = signals.fit();
    List<String> summary = new ArrayList<>();
    summary.add(
        CircuitStudy.text(
            "of %s: logit difference = %.2f + %.2f * position + %.2f * token",
            CircuitStudy.nodes(inhibiting), fit[0], fit[1], fit[2]));
    List<LabelledArray> tables = new ArrayList<>(List.of(signals.table(), signals.fitTable()));
    addLongerPrefix(summary, tables);
    addSources(summary, tables);
    return new SectionResult(Section.SIGNALS, summary, tables, List.of(), List.of());
  }

  private void addLongerPrefix(List<String> summary, List<LabelledArray> tables) {
    try {
      LongerPrefix longer = LongerPrefix.of(runs, inhibiting);
      summary.add("the longer prefix has %d tokens".formatted(longer.tokens()));
      tables.add(longer.table());
    } catch (IllegalArgumentException e) { // no room for one in this model
      summary.add(String.valueOf(e.getMessage()));
    }
  }

  private void addSources(List<String> summary, List<LabelledArray> tables) {
    List<CircuitNode> earlier = circuit.nodes(HeadRole.INDUCTION, HeadRole.DUPLICATE_TOKEN);
    if (earlier.isEmpty()) {
      summary.add("the circuit has no induction and no duplicate token heads to compare with");
    } else {
      tables.add(SignalSources.of(runs, earlier, inhibiting).table());
    }
  }
}
