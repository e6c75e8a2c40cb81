package dev.headlamp.engine;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** One run of a model: embedding, blocks, final layer norm, unembedding. */
final class ForwardPass {

  /** What lies between the last attention and the logits, where no position looks at another. */
  private static final Set<Activation> BEHIND_ATTENTION =
      EnumSet.range(Activation.RESULT, Activation.UNEMBED_OUT);

  private final Gpt2Config config;
  private final Gpt2Weights weights;
  private final Kernels kernels;
  private final ArrayPool pool;
  private final RunSpec spec;
  private final Points points;

  ForwardPass(
      Gpt2Config config, Gpt2Weights weights, Kernels kernels, ArrayPool pool, RunSpec spec) {
    this.config = config;
    this.weights = weights;
    this.kernels = kernels;
    this.pool = pool;
    this.spec = spec;
    this.points = new Points(spec.tap(), spec.nanDetection());
  }

  RunResult run() {
    RunSpecCheck.check(spec, config, weights.dataType());
    try (RunMemory memory = new RunMemory(pool)) {
      boolean narrow = narrowsLastBlock();
      INDArray residual = blocks(memory, start(memory), narrow);
      RunResult result =
          spec.logits() == null
              ? RunResult.ofResidual(memory.release(residual), pool::giveBack)
              : RunResult.ofLogits(logits(memory, residual, spec.logits(), narrow), pool::giveBack);
      // Last of all: a run that fails, in a hook on the logits too, leaves the cache as it was.
      if (spec.keyValues() != null) {
        spec.keyValues().commit(spec, config);
      }
      return result;
    }
  }

  private INDArray start(RunMemory memory) {
    INDArray given = spec.startResidual();
    return given == null ? embed(memory) : memory.keep(given.dup('c'));
  }

  private INDArray embed(RunMemory memory) {
    TokenBatch tokens = spec.tokens();
    int batch = tokens.batch();
    int length = tokens.length();
    int[] ids = new int[batch * length];
    int[] positions = new int[ids.length];
    for (int b = 0; b < batch; b++) {
      int next = spec.keyValues() == null ? 0 : spec.keyValues().tokenCount(b);
      for (int pos = 0; pos < length; pos++) {
        ids[b * length + pos] = tokens.id(b, pos);
        positions[b * length + pos] = tokens.isToken(b, pos) ? next++ : 0;
      }
    }
    long[] shape = {batch, length, config.dModel()};
    INDArray embedded =
        points.offer(
            memory, HookPoint.of(Activation.EMBED), kernels.rows(memory, weights.wE(), ids, shape));
    INDArray positional =
        points.offer(
            memory,
            HookPoint.of(Activation.POS_EMBED),
            kernels.rows(memory, weights.wPos(), positions, shape));
    return kernels.add(memory, embedded, positional);
  }

  /**
   * Returns whether the last block's output is computed only where logits are wanted: if those are
   * fewer positions, and nobody looks at others.
   */
  private boolean narrowsLastBlock() {
    LogitSelection selection = spec.logits();
    int last = spec.endLayer(config) - 1;
    if (selection == null || selection.everyPosition() || last < spec.startLayer()) {
      return false;
    }
    int[][] selected = selection.positions(spec.tokens());
    return selected[0].length < spec.tokens().length()
        && BEHIND_ATTENTION.stream()
            .map(each -> each.perLayer() ? HookPoint.of(each, last) : HookPoint.of(each))
            .noneMatch(points::watched);
  }

  /**
   * Returns the residual stream in front of the layer to stop at.
   *
   * @param narrow whether only where logits are wanted, {@code [batch, selected, d_model]}
   */
  private INDArray blocks(RunMemory memory, INDArray start, boolean narrow) {
    INDArray residual = start;
    AttentionMasks masks = new AttentionMasks(memory, config, spec);
    for (int layer = spec.startLayer(); layer < spec.endLayer(config); layer++) {
      try (RunMemory blockMemory = memory.stretch()) {
        INDArray residPre =
            points.offer(memory, HookPoint.of(Activation.RESID_PRE, layer), residual);
        BlockPass block = new BlockPass(this, blockMemory, layer);
        INDArray residPost =
            narrow && layer == spec.endLayer(config) - 1
                ? block.apply(residPre, masks.of(layer), x -> positions(blockMemory, x))
                : block.apply(residPre, masks.of(layer));
        memory.free(residPre);
        residual = blockMemory.moveTo(memory, residPost);
      }
    }
    return residual;
  }

  private INDArray logits(
      RunMemory memory, INDArray residual, LogitSelection selection, boolean narrow) {
    // A point has its full shape whatever is selected: narrowing cuts only what nobody looks at.
    boolean offered =
        points.wanted(HookPoint.of(Activation.LN_FINAL_SCALE))
            || points.wanted(HookPoint.of(Activation.LN_FINAL_NORMALIZED))
            || points.wanted(HookPoint.of(Activation.UNEMBED_IN))
            || points.wanted(HookPoint.of(Activation.UNEMBED_OUT));
    boolean everyToken = selection.tokenIds() == null;
    if (offered && !(selection.everyPosition() && everyToken)) {
      INDArray all = unembed(memory, residual, null);
      INDArray chosen = positions(memory, all);
      return everyToken ? memory.release(chosen) : columns(chosen, selection.tokenIds());
    }
    INDArray input = narrow || selection.everyPosition() ? residual : positions(memory, residual);
    return memory.release(unembed(memory, input, selection.tokenIds()));
  }

  private INDArray unembed(RunMemory memory, INDArray residual, int @Nullable [] tokens) {
    INDArray normalized =
        points.offer(
            memory, HookPoint.of(Activation.LN_FINAL_NORMALIZED), finalLayerNorm(memory, residual));
    INDArray input = points.offer(memory, HookPoint.of(Activation.UNEMBED_IN), normalized);
    INDArray rows = weights.unembedding();
    INDArray bias = weights.bU();
    if (tokens != null) {
      rows = kernels.rows(memory, rows, tokens, tokens.length, config.dModel());
      bias = bias == null ? null : memory.keep(bias.get(NDArrayIndex.indices(longs(tokens))));
    }
    return points.offer(
        memory, HookPoint.of(Activation.UNEMBED_OUT), kernels.unembed(memory, input, rows, bias));
  }

  private INDArray finalLayerNorm(RunMemory memory, INDArray residual) {
    double epsilon = config.layerNormEpsilon();
    HookPoint point = HookPoint.of(Activation.LN_FINAL_SCALE);
    if (!points.watched(point)) {
      return kernels.layerNorm(memory, residual, epsilon, weights.lnFinal());
    }
    INDArray scale = points.offer(memory, point, kernels.layerNormScale(memory, residual, epsilon));
    return kernels.layerNorm(memory, residual, scale, epsilon, weights.lnFinal());
  }

  /** Returns the positions of {@code [batch, pos, width]} whose logits are wanted. */
  private INDArray positions(RunMemory memory, INDArray x) {
    int[][] selected = spec.logits().positions(spec.tokens());
    int length = spec.tokens().length();
    int[] rows = new int[selected.length * selected[0].length];
    for (int b = 0, i = 0; b < selected.length; b++) {
      for (int pos : selected[b]) {
        rows[i++] = b * length + pos;
      }
    }
    long width = x.size(2);
    INDArray table = x.reshape('c', x.size(0) * x.size(1), width);
    return kernels.rows(memory, table, rows, selected.length, selected[0].length, width);
  }

  private static INDArray columns(INDArray logits, int[] tokens) {
    INDArray chosen =
        Nd4j.createUninitialized(
            logits.dataType(), new long[] {logits.size(0), logits.size(1), tokens.length}, 'c');
    for (int i = 0; i < tokens.length; i++) {
      chosen
          .get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(i))
          .assign(
              logits.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(tokens[i])));
    }
    return chosen;
  }

  private static long[] longs(int[] values) {
    return java.util.Arrays.stream(values).asLongStream().toArray();
  }

  Gpt2Config config() {
    return config;
  }

  Gpt2Weights weights() {
    return weights;
  }

  Kernels kernels() {
    return kernels;
  }

  Points points() {
    return points;
  }

  @Nullable KeyValueCache keyValues() {
    return spec.keyValues();
  }
}
