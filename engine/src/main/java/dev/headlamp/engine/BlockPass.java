package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import dev.headlamp.engine.Tap.Interest;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One block of one run: {@code resid_mid = resid_pre + attention(ln1(resid_pre))}, {@code
 * resid_post = resid_mid + mlp(ln2(resid_mid))}, with every value on the way offered at its point.
 */
final class BlockPass {

  private final ForwardPass run;
  private final RunMemory memory;
  private final Kernels kernels;
  private final Gpt2Config config;
  private final BlockWeights weights;
  private final int layer;

  BlockPass(ForwardPass run, RunMemory memory, int layer) {
    this.run = run;
    this.memory = memory;
    this.kernels = run.kernels();
    this.config = run.config();
    this.weights = run.weights().blocks().get(layer);
    this.layer = layer;
  }

  /**
   * Returns the residual stream leaving the block.
   *
   * @param residPre {@code [batch, pos, d_model]}, already offered
   */
  INDArray apply(INDArray residPre, AttentionMask mask) {
    INDArray residMid = offer(Activation.RESID_MID, attentionAdded(residPre, mask));
    return offer(Activation.RESID_POST, mlpAdded(residMid));
  }

  /**
   * Returns the residual stream leaving the block at some positions only, where nobody looks at a
   * point behind z.
   *
   * @param residPre {@code [batch, pos, d_model]}, already offered
   * @param select takes the positions out of {@code [batch, pos, width]}
   */
  INDArray apply(INDArray residPre, AttentionMask mask, UnaryOperator<INDArray> select) {
    INDArray z = attention(residPre, mask);
    INDArray rows = z.reshape('c', z.size(0), z.size(1), z.size(2) * z.size(3));
    INDArray entering = select.apply(residPre);
    return mlpAdded(
        kernels.linearAdded(memory, select.apply(rows), weights.wO(), weights.bO(), entering));
  }

  /** Returns resid_pre + attn_out. */
  private INDArray attentionAdded(INDArray residPre, AttentionMask mask) {
    INDArray z = attention(residPre, mask);
    if (unwatched(Activation.RESULT) && unwatched(Activation.ATTN_OUT)) {
      return kernels.linearAdded(memory, z, weights.wO(), weights.bO(), residPre);
    }
    INDArray attnOut = offer(Activation.ATTN_OUT, attentionOutput(z));
    return kernels.add(memory, residPre, attnOut);
  }

  /** Returns z. */
  private INDArray attention(INDArray residPre, AttentionMask mask) {
    SplitInputs inputs = SplitInputs.of(this, residPre);
    INDArray normalized =
        layerNorm(residPre, weights.ln1(), Activation.LN1_SCALE, Activation.LN1_NORMALIZED);
    AttentionInputs read = attentionInputs(inputs, normalized);
    INDArray q = read.q();
    INDArray k = read.k();
    INDArray v = read.v();
    KeyValueCache past = run.keyValues();
    INDArray keys = past == null ? k : past.extendKeys(kernels, layer, k);
    INDArray values = past == null ? v : past.extendValues(kernels, layer, v);

    if (unwatched(Activation.ATTN_SCORES) && unwatched(Activation.PATTERN)) {
      return offer(
          Activation.Z,
          kernels.attend(
              memory, q, keys, values, config.scoreDivisor(layer), mask, mask.emptyRows()));
    }
    INDArray scores =
        offer(
            Activation.ATTN_SCORES,
            kernels.scores(memory, q, keys, config.scoreDivisor(layer), mask));
    // An edit of the scores may mask a whole row, whose softmax is then 0 and not NaN.
    boolean emptyRows = mask.emptyRows() || run.points().edited(point(Activation.ATTN_SCORES));
    INDArray pattern = offer(Activation.PATTERN, kernels.softmax(memory, scores, emptyRows));
    return offer(Activation.Z, kernels.mix(memory, pattern, values));
  }

  private AttentionInputs attentionInputs(SplitInputs inputs, INDArray normalized) {
    if (inputs.areShared()
        && unwatched(Activation.Q)
        && unwatched(Activation.K)
        && unwatched(Activation.V)) {
      return kernels.attentionInputs(memory, normalized, weights, config.nHeads());
    }
    return new AttentionInputs(
        offer(
            Activation.Q, inputs.read(Activation.Q_INPUT, normalized, weights.wQ(), weights.bQ())),
        offer(
            Activation.K, inputs.read(Activation.K_INPUT, normalized, weights.wK(), weights.bK())),
        offer(
            Activation.V, inputs.read(Activation.V_INPUT, normalized, weights.wV(), weights.bV())));
  }

  /** Returns whether nobody sees a value, so that it need not stand in memory. */
  private boolean unwatched(Activation activation) {
    return !run.points().watched(point(activation));
  }

  private INDArray attentionOutput(INDArray z) {
    HookPoint point = point(Activation.RESULT);
    if (run.points().wanted(point)) {
      INDArray results = offer(Activation.RESULT, kernels.headResults(memory, z, weights.wO()));
      if (run.points().edited(point)) {
        return kernels.sumHeads(memory, results, weights.bO());
      }
    }
    return kernels.linear(
        memory, z, weights.wO(), weights.bO(), z.size(0), z.size(1), config.dModel());
  }

  private INDArray mlpInput(INDArray residMid) {
    return switch (run.points().interest(point(Activation.MLP_IN))) {
      case NONE -> residMid;
      case READ, KEEP -> offer(Activation.MLP_IN, residMid);
      case EDIT, OVERWRITE -> offer(Activation.MLP_IN, memory.keep(residMid.dup('c')));
    };
  }

  /** Returns resid_mid + mlp_out. */
  private INDArray mlpAdded(INDArray residMid) {
    INDArray post = neurons(mlpInput(residMid));
    if (unwatched(Activation.MLP_OUT)) {
      return kernels.linearAdded(memory, post, weights.wOut(), weights.bOut(), residMid);
    }
    long batch = post.size(0);
    long length = post.size(1);
    INDArray mlpOut =
        kernels.linear(
            memory, post, weights.wOut(), weights.bOut(), batch, length, config.dModel());
    return kernels.add(memory, residMid, offer(Activation.MLP_OUT, mlpOut));
  }

  private INDArray neurons(INDArray input) {
    INDArray normalized =
        layerNorm(input, weights.ln2(), Activation.LN2_SCALE, Activation.LN2_NORMALIZED);
    INDArray w = weights.wIn();
    INDArray bias = weights.bIn();
    if (unwatched(Activation.MLP_PRE)) {
      return offer(
          Activation.MLP_POST,
          kernels.linearActivated(memory, normalized, w, bias, config.activation()));
    }
    INDArray pre =
        kernels.linear(memory, normalized, w, bias, input.size(0), input.size(1), config.dMlp());
    return offer(
        Activation.MLP_POST,
        kernels.activate(memory, config.activation(), offer(Activation.MLP_PRE, pre)));
  }

  private INDArray layerNorm(
      INDArray x, LayerNormWeights norm, Activation scalePoint, Activation normalizedPoint) {
    double epsilon = config.layerNormEpsilon();
    if (unwatched(scalePoint)) {
      return offer(normalizedPoint, kernels.layerNorm(memory, x, epsilon, norm));
    }
    INDArray scale = offer(scalePoint, kernels.layerNormScale(memory, x, epsilon));
    return offer(normalizedPoint, kernels.layerNorm(memory, x, scale, epsilon, norm));
  }

  INDArray offer(Activation activation, INDArray value) {
    return run.points().offer(memory, point(activation), value);
  }

  Interest interest(Activation activation) {
    return run.points().interest(point(activation));
  }

  private HookPoint point(Activation activation) {
    return HookPoint.of(activation, layer);
  }

  RunMemory memory() {
    return memory;
  }

  Kernels kernels() {
    return kernels;
  }

  Gpt2Config config() {
    return config;
  }

  LayerNormWeights ln1() {
    return weights.ln1();
  }

  /** Returns a linear map of {@code x}, split into heads: {@code [batch, pos, head, d_head]}. */
  INDArray perHead(INDArray x, INDArray w, @Nullable INDArray bias) {
    return kernels.linear(
        memory, x, w, bias, x.size(0), x.size(1), w.size(1) / config.dHead(), config.dHead());
  }
}
