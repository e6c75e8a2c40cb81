package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * Whether the signals of the S-inhibition heads come from induction and duplicate token heads (Wang
 * et al. 2022): the outputs of these are replaced as {@link InhibitionSignals} does it, with one
 * signal turned round, and the logit difference lost is set against what is lost when the outputs
 * of the S-inhibition heads are replaced so.
 *
 * @param table by signal the mean logit difference, and the share of the S-inhibition heads' drop
 *     in per cent: {@code [row, quantity]}
 */
public record SignalSources(LabelledArray table) {

  /**
   * Measures where signals come from.
   *
   * @param earlier induction and duplicate token heads
   * @param inhibiting S-inhibition heads
   */
  public static SignalSources of(
      AblatedRuns runs, List<CircuitNode> earlier, List<CircuitNode> inhibiting) {
    IoiDataset ioi = runs.task().ioi();
    IoiDataset position = ioi.flipped(IoiFlip.IO_S1_ORDER, 0);
    IoiDataset token = ioi.flipped(IoiFlip.S2_TO_IO, 0).flipped(IoiFlip.IO_S1_ORDER, 0);
    ResultTable table =
        ResultTable.of(
            "signals of induction and duplicate token heads",
            "mean logit difference; %",
            "F",
            "F, S-inhibition",
            "share of the drop, %");
    add(table, "position inverted", runs, position, earlier, inhibiting);
    add(table, "token inverted", runs, token, earlier, inhibiting);
    return new SignalSources(table.toArray());
  }

  private static void add(
      ResultTable table,
      String row,
      AblatedRuns runs,
      IoiDataset prompts,
      List<CircuitNode> earlier,
      List<CircuitNode> inhibiting) {
    double own = runs.withOutputsFor(earlier, prompts.tokens(), 0);
    double whole = runs.withOutputsFor(inhibiting, prompts.tokens(), 0);
    table.add(row, own, whole, 100 * (runs.original() - own) / (runs.original() - whole));
  }
}
