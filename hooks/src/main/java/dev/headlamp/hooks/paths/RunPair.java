package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.BlockRows;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.PromptPairs;
import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The two runs that patched values come from and go into, made once, and what is computed from
 * them: rows of single parts, and the original run again with some rows edited. Counts its work.
 */
final class RunPair implements AutoCloseable {

  private static final CacheSpec WRITES =
      CacheSpec.of(Activation.EMBED, Activation.Z, Activation.MLP_OUT);
  private static final CacheSpec WRITES_AND_READS =
      CacheSpec.of(
          Activation.EMBED,
          Activation.Z,
          Activation.MLP_OUT,
          Activation.RESID_PRE,
          Activation.RESID_MID,
          Activation.Q,
          Activation.K,
          Activation.V);

  private final HookedGpt2 model;
  private final TokenBatch tokens;
  private final Metric metric;
  private final CachedRun original;
  private final CachedRun replacement;
  private Work work = Work.NONE;
  private boolean closed;

  RunPair(HookedGpt2 model, TokenBatch original, TokenBatch replacement, Metric metric) {
    this.model = Objects.requireNonNull(model, "model");
    this.metric = Objects.requireNonNull(metric, "metric");
    this.tokens = original;
    PromptPairs.checkAligned("replacement", replacement, "original", original);
    int layers = config().nLayers();
    this.original = model.runWithCache(original, WRITES_AND_READS.stopAt(layers));
    this.replacement = model.runWithCache(replacement, WRITES.stopAt(layers));
    work = work.withBlocks(2L * layers * rows());
  }

  Gpt2Config config() {
    return model.config();
  }

  /** Returns the original prompts. */
  TokenBatch tokens() {
    return tokens;
  }

  Metric metric() {
    return metric;
  }

  /** Returns the positions of all prompts together. */
  int rows() {
    return tokens.batch() * tokens.length();
  }

  /** Returns what was computed so far. */
  Work work() {
    return work;
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this patching is closed");
    }
  }

  /** Returns what a point held in the original run, whole and borrowed. */
  INDArray original(HookPoint point) {
    return point.equals(finalResidual())
        ? original.result().residual()
        : original.cache().get(point);
  }

  HookPoint finalResidual() {
    return HookPoint.of(Activation.RESID_POST, config().nLayers() - 1);
  }

  /** Returns the replacement's rows of a point less the original's, {@code [row, width]}, owned. */
  INDArray difference(HookPoint point, Rows rows) {
    try (INDArray before = rows.of(original.cache().get(point))) {
      return rows.of(replacement.cache().get(point)).subi(before);
    }
  }

  /** Returns what the MLP of a layer writes for rows {@code [row, d_model]}, owned. */
  INDArray mlp(int layer, INDArray residMid) {
    work = work.withMlps(residMid.size(0));
    return block(layer).mlp(residMid);
  }

  /** Returns one head's query, key or value for rows {@code [row, d_model]}, owned. */
  INDArray headInput(Receiver.HeadInput receiver, INDArray residPre) {
    work = work.withHeadInputs(residPre.size(0));
    return block(receiver.layer()).headInput(receiver.activation(), receiver.head(), residPre);
  }

  /** Returns by how much the heads' results change, {@code [row, head, d_model]}, owned. */
  INDArray resultDifference(int layer, Rows rows) {
    try (INDArray z = difference(HookPoint.of(Activation.Z, layer), rows)) {
      work = work.withHeadResults(rows.count());
      return block(layer)
          .headResults(z.reshape('c', rows.count(), config().nHeads(), config().dHead()));
    }
  }

  /** Returns by how much what a sender writes changes, {@code [row, d_model]}, owned. */
  INDArray writtenDifference(Sender sender, Rows rows) {
    if (sender instanceof Sender.Head head) {
      try (INDArray results = resultDifference(head.layer(), rows)) {
        return results
            .get(NDArrayIndex.all(), NDArrayIndex.point(head.head()), NDArrayIndex.all())
            .dup('c');
      }
    }
    return sender instanceof Sender.Mlp mlp
        ? difference(HookPoint.of(Activation.MLP_OUT, mlp.layer()), rows)
        : difference(HookPoint.of(Activation.EMBED), rows);
  }

  private BlockRows block(int layer) {
    return model.engine().blockRows(layer);
  }

  /** Returns the mean metric of the original run. */
  double originalMetric() {
    return measure(original.result().residual());
  }

  /**
   * Returns the mean metric of each of several patches: the original run with rows edited, from the
   * first layer that the edits can change.
   *
   * @param edits of the given number of patches each
   */
  double[] metrics(List<RowEdit> edits, int patches, int firstLayer) {
    double[] metrics = new double[patches];
    try (INDArray residual = finalResiduals(edits, patches, firstLayer)) {
      INDArray byPatch =
          residual.reshape('c', patches, tokens.batch(), tokens.length(), config().dModel());
      for (int patch = 0; patch < patches; patch++) {
        try (INDArray own = byPatch.slice(patch).dup('c')) {
          metrics[patch] = measure(own);
        }
      }
    }
    return metrics;
  }

  /** Returns the edited runs' final residual streams, one patch's prompts after the other's. */
  private INDArray finalResiduals(List<RowEdit> edits, int patches, int firstLayer) {
    HookPoint last = finalResidual();
    INDArray residual =
        firstLayer == config().nLayers()
            ? Copies.of(original(last), patches)
            : resumed(
                edits.stream().filter(edit -> !edit.point().equals(last)).toList(),
                patches,
                firstLayer);
    edits.stream().filter(edit -> edit.point().equals(last)).forEach(e -> e.applyTo(residual));
    return residual;
  }

  private INDArray resumed(List<RowEdit> edits, int patches, int firstLayer) {
    int layers = config().nLayers();
    TokenBatch prompts = tokens.repeated(patches);
    try (INDArray start =
        Copies.of(original(HookPoint.of(Activation.RESID_PRE, firstLayer)), patches)) {
      INDArray entering = start.reshape('c', prompts.batch(), prompts.length(), config().dModel());
      RunSpec spec = RunSpec.of(prompts).startAt(firstLayer, entering).stopAt(layers);
      work = work.withBlocks((long) (layers - firstLayer) * patches * rows());
      return model.engine().run(spec.withTap(new RowEditTap(edits))).residual();
    }
  }

  /** Returns the mean metric of prompts whose final residual stream this is. */
  private double measure(INDArray residual) {
    RunSpec spec = RunSpec.of(tokens).startAt(config().nLayers(), residual);
    try (RunResult run = model.engine().run(spec.withLogits(metric.reads()))) {
      return metric.mean(run.logits(), tokens);
    }
  }

  @Override
  public void close() {
    closed = true;
    original.close();
    replacement.close();
  }
}
