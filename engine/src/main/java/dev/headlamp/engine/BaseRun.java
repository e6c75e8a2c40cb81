package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
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
    int last = model.config().nLayers() - 1;
    // Behind the last attention only what is read is computed, unless somebody looks.
    Predicate<HookPoint> inFront =
        point -> point.activation() == Activation.RESID_MID && point.layer() < last;
    Tap tap =
        new KeepingTap(point -> kept.contains(point.activation()) || inFront.test(point), values);
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

  /** Returns whether a point was kept. */
  boolean holds(Activation activation, int layer) {
    return values.containsKey(HookPoint.of(activation, layer));
  }

  /** Returns the memory of a point, C order. */
  FloatBuffer floats(Activation activation, int layer) {
    return CpuKernels.buffer(values.get(HookPoint.of(activation, layer)));
  }

  /** Returns the positions of a point. */
  FloatRows rows(Activation activation, int layer) {
    return FloatRows.of(values.get(HookPoint.of(activation, layer)));
  }

  /** Returns which of a point's rows belongs to each of the instances' rows. */
  int[] rowsOf(List<Instance> instances) {
    int[] rows = new int[Instance.count(instances)];
    int next = 0;
    for (Instance instance : instances) {
      for (int i = 0; i < instance.count(); i++) {
        rows[next++] = (instance.prompt() * tokens.length()) + instance.position(i);
      }
    }
    return rows;
  }

  /**
   * Returns a copy of a point's rows at the instances' rows, {@code [1, row, width]}; if there are
   * none, of one to be ignored.
   */
  INDArray gathered(RunMemory memory, Activation activation, int layer, List<Instance> instances) {
    int[] rows = rowsOf(instances);
    INDArray value = value(HookPoint.of(activation, layer));
    INDArray copy =
        memory.allocate(
            1, Math.max(1, rows.length), value.length() / (value.size(0) * value.size(1)));
    FloatRows from = FloatRows.of(value);
    FloatRows to = FloatRows.of(copy);
    for (int row = 0; row < rows.length; row++) {
      to.put(row, from, rows[row]);
    }
    return copy;
  }

  @Override
  public void close() {
    values.values().forEach(model::recycle);
    values.clear();
    result.close();
  }
}
