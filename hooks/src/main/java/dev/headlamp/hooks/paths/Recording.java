package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What the receivers of some paths hold at the end of step C: what they held in the original run,
 * and something else at the rows that the senders changed.
 */
final class Recording {

  private final RunPair runs;
  private final PathSpec spec;
  private final Rows received;
  private final Rows changed;

  /**
   * Says where to record.
   *
   * @param received where receivers are patched
   * @param changed those of them where senders are too
   */
  Recording(RunPair runs, PathSpec spec, Rows received, Rows changed) {
    this.runs = runs;
    this.spec = spec;
    this.received = received;
    this.changed = changed;
  }

  /**
   * Returns the recorded values of several patches, owned by the caller.
   *
   * @param patches the senders of each patch, patches with a lower first write first
   */
  List<RowEdit> of(List<Set<Sender>> patches) {
    List<RowEdit> recorded = new ArrayList<>();
    try (Propagation propagation = new Propagation(runs, changed, spec.freezing(), patches)) {
      spec.receivers().stream()
          .sorted(Comparator.comparingInt(Receiver::writesSeen))
          .forEach(
              receiver -> recorded.add(recorded(receiver, propagation.changeSeenBy(receiver))));
    }
    return recorded;
  }

  private RowEdit recorded(Receiver receiver, INDArray change) {
    if (receiver instanceof Receiver.HeadInput input) {
      return headInput(input, change);
    }
    if (receiver instanceof Receiver.MlpInput input) {
      HookPoint read = HookPoint.of(Activation.RESID_MID, input.layer());
      return residual(HookPoint.of(Activation.MLP_IN, input.layer()), read, change);
    }
    return residual(runs.finalResidual(), runs.finalResidual(), change);
  }

  private RowEdit headInput(Receiver.HeadInput receiver, INDArray change) {
    HookPoint point = HookPoint.of(receiver.activation(), receiver.layer());
    HookPoint read = HookPoint.of(Activation.RESID_PRE, receiver.layer());
    var head = NDArrayIndex.point(receiver.head());
    try (INDArray residual = changedResidual(read, change);
        INDArray values = runs.headInput(receiver, byRow(residual));
        INDArray original =
            runs.original(point)
                .get(NDArrayIndex.all(), NDArrayIndex.all(), head, NDArrayIndex.all())
                .dup('c')) {
      return edit(point, receiver.head(), original, values);
    }
  }

  private RowEdit residual(HookPoint point, HookPoint read, INDArray change) {
    try (INDArray values = changedResidual(read, change)) {
      return edit(point, RowEdit.NO_HEAD, runs.original(read), byRow(values));
    }
  }

  /** Returns the residual stream with the change, {@code [patch, row, d_model]}, owned. */
  private INDArray changedResidual(HookPoint read, INDArray change) {
    try (INDArray original = changed.of(runs.original(read))) {
      return change.add(original.reshape('c', 1, original.size(0), original.size(1)));
    }
  }

  /** Returns {@code [patch, row, width]} as {@code [patch·row, width]}, a view. */
  private static INDArray byRow(INDArray values) {
    return values.reshape('c', values.size(0) * values.size(1), values.size(2));
  }

  /**
   * Returns an edit that puts the original values at all rows and others at those that changed.
   *
   * @param original {@code [batch, pos, width]}
   * @param values {@code [patch·row, width]}
   */
  private RowEdit edit(HookPoint point, int head, INDArray original, INDArray values) {
    int patches = Math.toIntExact(values.size(0) / changed.count());
    INDArray byPatch = values.reshape('c', patches, changed.count(), values.size(1));
    try (INDArray unchanged = received.of(original)) {
      INDArray all = Copies.of(unchanged, patches);
      int[] places = changed.placesIn(received);
      for (int i = 0; i < places.length; i++) {
        rowOf(all, places[i]).assign(rowOf(byPatch, i));
      }
      return RowEdit.putting(point, head, received, all);
    }
  }

  private static INDArray rowOf(INDArray values, int row) {
    return values.get(NDArrayIndex.all(), NDArrayIndex.point(row), NDArrayIndex.all());
  }
}
