package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the points of one float32 run held, to be read row by row. */
final class BaseRun implements AutoCloseable {

  /** What it takes to go on from any block. */
  private static final Set<Activation> ALWAYS =
      EnumSet.of(Activation.RESID_PRE, Activation.Q, Activation.K, Activation.V, Activation.Z);

  private final Gpt2 model;
  private final TokenBatch tokens;
  private final Map<HookPoint, INDArray> values = new HashMap<>();
  private final RunResult result;

  BaseRun(Gpt2 model, TokenBatch tokens, LogitSelection reads, Set<Activation> more) {
    this.model = model;
    this.tokens = tokens;
    Set<Activation> kept = EnumSet.copyOf(ALWAYS);
    kept.addAll(more);
    Tap tap = new KeepingTap(kept, values);
    this.result = model.run(RunSpec.of(tokens).withTap(tap).withLogits(reads));
  }

  TokenBatch tokens() {
    return tokens;
  }

  INDArray logits() {
    return result.logits();
  }

  INDArray value(HookPoint point) {
    return values.get(point);
  }

  /** Returns the memory of a point, C order. */
  FloatBuffer floats(Activation activation, int layer) {
    return CpuKernels.buffer(values.get(HookPoint.of(activation, layer)));
  }

  /** Returns the positions of a point. */
  FloatRows rows(Activation activation, int layer) {
    return FloatRows.of(values.get(HookPoint.of(activation, layer)));
  }

  @Override
  public void close() {
    values.values().forEach(model::recycle);
    values.clear();
    result.close();
  }
}
