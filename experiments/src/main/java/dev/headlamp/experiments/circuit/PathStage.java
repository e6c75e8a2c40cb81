package dev.headlamp.experiments.circuit;

import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.paths.Receiver;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * One step of the way back from the logits: what is sent straight into some heads.
 *
 * @param title what a report calls it
 * @param receivers where the paths end
 * @param position where senders and receivers are patched
 * @param effects the change of the mean logit difference, {@code [layer, head]}, the last entry of
 *     the second axis being the MLP
 * @param found the heads whose patching lowers the logit difference by the share asked for, the
 *     strongest first
 * @param raising those whose patching raises it as much, the strongest first
 */
public record PathStage(
    String title,
    List<Receiver> receivers,
    IoiPosition position,
    LabelledArray effects,
    List<Head> found,
    List<Head> raising) {

  /** Copies the lists. */
  public PathStage {
    receivers = List.copyOf(receivers);
    found = List.copyOf(found);
    raising = List.copyOf(raising);
  }
}
