package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Step C of path patching, for many patches at once: what the senders' replacement changes in the
 * residual stream while every head is frozen.
 *
 * <p>With the heads frozen nothing moves between positions, and all that is recomputed are the MLPs
 * above a sender, at the rows where it is patched. So the step needs no run of the model: the
 * change of the residual stream is carried from one write to the next.
 */
final class Propagation implements AutoCloseable {

  private final RunPair runs;
  private final Rows rows;
  private final boolean mlpsFrozen;
  private final List<Set<Sender>> patches;
  private final INDArray change;
  private int writes;

  /**
   * Begins in front of the first write.
   *
   * @param rows where senders are patched
   * @param patches the senders of each patch, patches with a lower first write first
   */
  Propagation(RunPair runs, Rows rows, Freezing freezing, List<Set<Sender>> patches) {
    this.runs = runs;
    this.rows = rows;
    this.mlpsFrozen = freezing.mlps();
    this.patches = patches;
    this.change =
        Nd4j.zeros(
            runs.original(runs.finalResidual()).dataType(),
            patches.size(),
            rows.count(),
            runs.config().dModel());
  }

  /**
   * Returns the change of the residual stream where a receiver reads it, {@code [patch, row,
   * d_model]}; borrowed until the next call. Receivers are asked for in the order in which a run
   * reaches them.
   */
  INDArray changeSeenBy(Receiver receiver) {
    int all = 2 * runs.config().nLayers() + 1;
    while (writes < Math.min(receiver.writesSeen(), all)) {
      write();
      writes++;
    }
    return change;
  }

  private void write() {
    if (writes == 0) {
      writeEmbedding();
    } else if (writes % 2 == 1) {
      writeAttention(writes / 2);
    } else {
      writeMlp(writes / 2 - 1);
    }
  }

  private void writeEmbedding() {
    List<Integer> senders = patchesWith(Sender.embedding());
    if (!senders.isEmpty()) {
      try (INDArray difference = runs.writtenDifference(Sender.embedding(), rows)) {
        senders.forEach(patch -> change(patch).addi(difference));
      }
    }
  }

  private void writeAttention(int layer) {
    boolean sends =
        patches.stream().flatMap(Set::stream).anyMatch(sender -> sender.write() == writes);
    if (!sends) {
      return;
    }
    try (INDArray results = runs.resultDifference(layer, rows)) {
      for (int head = 0; head < runs.config().nHeads(); head++) {
        for (int patch : patchesWith(Sender.head(layer, head))) {
          INDArray ofHead =
              results.get(NDArrayIndex.all(), NDArrayIndex.point(head), NDArrayIndex.all());
          change(patch).addi(ofHead);
        }
      }
    }
  }

  private void writeMlp(int layer) {
    int before = patchesThatWroteBefore();
    List<Integer> senders = patchesWith(Sender.mlp(layer));
    List<INDArray> sent = new ArrayList<>();
    if (!senders.isEmpty()) {
      try (INDArray difference = runs.writtenDifference(Sender.mlp(layer), rows)) {
        senders.forEach(patch -> sent.add(change(patch).add(difference)));
      }
    }
    if (before > 0 && !mlpsFrozen) {
      recomputeMlp(layer, before);
    }
    for (int i = 0; i < sent.size(); i++) {
      try (INDArray value = sent.get(i)) {
        change(senders.get(i)).assign(value);
      }
    }
  }

  /** Adds to the first patches' change by how much it changes what the MLP writes. */
  private void recomputeMlp(int layer, int count) {
    INDArray changed =
        change.get(NDArrayIndex.interval(0, count), NDArrayIndex.all(), NDArrayIndex.all());
    try (INDArray residMid = rows.of(runs.original(HookPoint.of(Activation.RESID_MID, layer)));
        INDArray mlpOut = rows.of(runs.original(HookPoint.of(Activation.MLP_OUT, layer)));
        INDArray input = changed.add(ofEveryPatch(residMid))) {
      int width = runs.config().dModel();
      try (INDArray output =
          runs.mlp(layer, input.reshape('c', (long) count * rows.count(), width))) {
        INDArray byPatch = output.reshape('c', count, rows.count(), width);
        changed.addi(byPatch.subi(ofEveryPatch(mlpOut)));
      }
    }
  }

  /** Returns rows as they are the same for all patches: {@code [1, row, d_model]}, a view. */
  private static INDArray ofEveryPatch(INDArray rows) {
    return rows.reshape('c', 1, rows.size(0), rows.size(1));
  }

  private int patchesThatWroteBefore() {
    int count = 0;
    while (count < patches.size()
        && patches.get(count).stream().anyMatch(sender -> sender.write() < writes)) {
      count++;
    }
    return count;
  }

  private List<Integer> patchesWith(Sender sender) {
    List<Integer> with = new ArrayList<>();
    for (int patch = 0; patch < patches.size(); patch++) {
      if (patches.get(patch).contains(sender)) {
        with.add(patch);
      }
    }
    return with;
  }

  /** Returns the change of one patch, {@code [row, d_model]}, a view. */
  private INDArray change(int patch) {
    return change.get(NDArrayIndex.point(patch), NDArrayIndex.all(), NDArrayIndex.all());
  }

  @Override
  public void close() {
    change.close();
  }
}
