package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * What S-inhibition heads tell the name movers: which name is the subject (token signal) and where
 * it stands (position signal). Their outputs are replaced by those for prompts in which one signal,
 * or both, is turned round (Wang et al. 2022, figure 9).
 *
 * @param table the mean logit difference, {@code [row, quantity]}: rows token original, random and
 *     inverted, columns position original and inverted
 */
public record InhibitionSignals(LabelledArray table) {

  /**
   * Measures the signals that some heads carry.
   *
   * @param seed draws the random names
   */
  public static InhibitionSignals of(AblatedRuns runs, List<CircuitNode> nodes, long seed) {
    IoiDataset ioi = runs.task().ioi();
    IoiDataset random = ioi.flipped(IoiFlip.RANDOM_NAMES, seed);
    // S2 := IO turns both round, for the name said twice is then the other one, at the other place.
    IoiDataset both = ioi.flipped(IoiFlip.S2_TO_IO, seed);
    return new InhibitionSignals(
        ResultTable.of(
                "S-inhibition signals",
                "mean logit difference",
                "position original",
                "position inverted")
            .add("token original", runs.original(), with(runs, nodes, otherOrder(ioi)))
            .add("token random", with(runs, nodes, random), with(runs, nodes, otherOrder(random)))
            .add("token inverted", with(runs, nodes, otherOrder(both)), with(runs, nodes, both))
            .toArray());
  }

  private static IoiDataset otherOrder(IoiDataset prompts) {
    return prompts.flipped(IoiFlip.IO_S1_ORDER, 0);
  }

  private static double with(AblatedRuns runs, List<CircuitNode> nodes, IoiDataset prompts) {
    return runs.withOutputsFor(nodes, prompts.tokens(), 0);
  }

  /**
   * Returns the fit as a table: {@code [row, quantity]}. The mean error is that of the paper's
   * form, a · position + b · token without a constant: |measured − fitted|, over the six cells, in
   * per cent of F(M).
   */
  public LabelledArray fitTable() {
    double[] fit = fit();
    double error = 0;
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 2; column++) {
        double fitted = fit[1] * (1 - 2 * column) + fit[2] * (1 - row);
        error += Math.abs(table.value(row, column) - fitted) / 6;
      }
    }
    return ResultTable.of("fit of the S-inhibition signals", "mean logit difference; %", "value")
        .add("position", fit[1])
        .add("token", fit[2])
        .add("constant", fit[0])
        .add("mean error without the constant, %", 100 * error / Math.abs(table.value(0, 0)))
        .toArray();
  }

  /**
   * Returns how much each signal is worth: what fits constant + a · position + b · token best,
   * where original is 1, random 0 and inverted −1. The six cells are balanced, so least squares are
   * means.
   *
   * @return constant, a and b; the paper's fit for gpt2 has no constant, and the same a and b
   */
  public double[] fit() {
    double constant = 0;
    double position = 0;
    double token = 0;
    for (int row = 0; row < 3; row++) {
      double original = table.value(row, 0);
      double inverted = table.value(row, 1);
      constant += (original + inverted) / 6;
      position += (original - inverted) / 6;
      token += (1 - row) * (original + inverted) / 4;
    }
    return new double[] {constant, position, token};
  }
}
