package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What points hold in a run of other prompts than those of the base run: what variants are made of.
 * Where these prompts begin as the unchanged ones do, nothing is computed again, and the values are
 * the same to the last bit.
 */
final class SourceRun implements AutoCloseable {

  /** What a position attends with, and is attended to. */
  private static final Set<Activation> ALWAYS =
      EnumSet.of(Activation.Q, Activation.K, Activation.V);

  /** Nobody reads them; a run to the residual stream would need the last block everywhere. */
  private static final LogitSelection LEAST = LogitSelection.at(0).tokens(0);

  private final Gpt2 model;
  private final BaseRun base;
  private final Set<Activation> activations;

  /** By prompt, the first position that is not as in the base run; the length if none is. */
  private final int[] firstDifferent;

  /** The first position that was computed. */
  private final int start;

  /** From {@link #start} on. */
  private final Map<HookPoint, INDArray> computed = new HashMap<>();

  private @Nullable INDArray latest;
  private @Nullable HookPoint latestPoint;

  /**
   * Runs prompts.
   *
   * @param activations of which points there will be variants
   * @throws IllegalArgumentException if the prompts differ from those of the base run in number,
   *     length or padding
   */
  SourceRun(Gpt2 model, BaseRun base, TokenBatch tokens, Set<Activation> activations) {
    this.model = model;
    this.base = base;
    this.activations = activations;
    this.firstDifferent = firstDifferent(base.tokens(), tokens);
    this.start = Arrays.stream(firstDifferent).min().orElseThrow();
    Set<Activation> kept = EnumSet.copyOf(ALWAYS);
    kept.addAll(activations);
    Tap tap = new KeepingTap(point -> kept.contains(point.activation()), computed);
    if (start == 0) {
      model.run(RunSpec.of(tokens).withTap(tap).withLogits(LEAST)).close();
    } else if (start < tokens.length()) {
      continueBase(tokens, tap);
    }
  }

  private static int[] firstDifferent(TokenBatch ours, TokenBatch others) {
    boolean alike = ours.batch() == others.batch() && ours.length() == others.length();
    int[] first = new int[ours.batch()];
    for (int prompt = 0; alike && prompt < first.length; prompt++) {
      alike =
          ours.firstPos(prompt) == others.firstPos(prompt)
              && ours.lastPos(prompt) == others.lastPos(prompt);
      int pos = ours.firstPos(prompt);
      while (pos <= ours.lastPos(prompt) && ours.id(prompt, pos) == others.id(prompt, pos)) {
        pos++;
      }
      first[prompt] = pos <= ours.lastPos(prompt) ? pos : ours.length();
    }
    if (!alike) {
      throw new IllegalArgumentException(
          "%s cannot be put into %s: they differ in number, length or padding"
              .formatted(others, ours));
    }
    return first;
  }

  /** Runs what is behind the common beginning, whose keys and values are known. */
  private void continueBase(TokenBatch tokens, Tap tap) {
    INDArray[] keys = copies(Activation.K);
    INDArray[] values = copies(Activation.V);
    try {
      KeyValueCache past = KeyValueCache.holding(keys, values, tokens, start);
      RunSpec rest = RunSpec.of(tokens.from(start)).withTap(tap).withLogits(LEAST);
      model.run(rest.withKeyValues(past)).close();
    } finally {
      Arrays.stream(keys).forEach(model::recycle);
      Arrays.stream(values).forEach(model::recycle);
    }
  }

  private INDArray[] copies(Activation activation) {
    INDArray[] copies = new INDArray[model.config().nLayers()];
    Arrays.setAll(copies, layer -> model.copy(base.value(HookPoint.of(activation, layer))));
    return copies;
  }

  /**
   * Returns what a point holds, with the point's axes; borrowed, and valid until another point is
   * asked for.
   *
   * @throws IllegalArgumentException if the model has no such layer, or the point is of none of the
   *     activations that there are variants of
   */
  INDArray value(HookPoint point) {
    if (!activations.contains(point.activation())) {
      throw new IllegalArgumentException(point + " was not kept: there are no variants of it");
    }
    point.checkedFor(model.config());
    if (start == base.tokens().length()) {
      return base.value(point);
    }
    INDArray own = computed.get(point);
    if (start == 0) {
      return own;
    }
    if (latest == null || !point.equals(latestPoint)) {
      free();
      latest = model.copy(base.value(point));
      latestPoint = point;
      putBehindBeginning(point, own, latest);
    }
    return latest;
  }

  /** Returns the first position that differs from the base run; the length if none does. */
  int firstDifferent(int prompt) {
    return firstDifferent[prompt];
  }

  /**
   * Returns whether a position that differs from the base run is as in this run.
   *
   * @param values what the point holds, {@code [batch, pos, width]}
   */
  boolean holds(HookPoint point, int prompt, int pos, FloatBuffer values) {
    INDArray own = computed.get(point);
    if (own == null || pos < firstDifferent[prompt]) {
      return false;
    }
    int width = Math.toIntExact(own.size(2));
    int at = ((prompt * base.tokens().length()) + pos) * width;
    FloatBuffer here = CpuKernels.buffer(own).slice().slice(row(prompt, pos) * width, width);
    return here.mismatch(values.slice(at, width)) < 0;
  }

  /** Returns queries, keys or values of the positions that were computed. */
  FloatRows rows(Activation activation, int layer) {
    INDArray own = computed.get(HookPoint.of(activation, layer));
    return own == null ? base.rows(activation, layer) : FloatRows.of(own);
  }

  /** Returns which of these rows belongs to a position, no earlier than the first different one. */
  int row(int prompt, int pos) {
    return (prompt * (base.tokens().length() - start)) + pos - start;
  }

  /** Overwrites every prompt's positions from its first different one on. */
  private void putBehindBeginning(HookPoint point, INDArray own, INDArray whole) {
    int axis = point.activation().has(Dim.DEST) ? 2 : 1;
    int length = base.tokens().length();
    int parts = axis == 1 ? 1 : Math.toIntExact(whole.size(1));
    int row = Math.toIntExact(whole.length() / (whole.size(0) * parts * length));
    FloatBuffer from = CpuKernels.buffer(own).slice();
    FloatBuffer to = CpuKernels.buffer(whole).slice();
    for (int prompt = 0; prompt < firstDifferent.length; prompt++) {
      int first = firstDifferent[prompt];
      for (int part = prompt * parts; part < (prompt + 1) * parts; part++) {
        to.put(
            ((part * length) + first) * row,
            from,
            ((part * (length - start)) + first - start) * row,
            (length - first) * row);
      }
    }
  }

  private void free() {
    if (latest != null) {
      model.recycle(latest);
      latest = null;
    }
  }

  /** Gives back the memory. Closing again has no effect. */
  @Override
  public void close() {
    free();
    computed.values().forEach(model::recycle);
    computed.clear();
  }
}
