package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What points hold in a run of other prompts than those of {@link VariantRuns}: what variants are
 * made of. Where these prompts begin as the unchanged ones do, nothing is computed again, and the
 * values are the same to the last bit.
 *
 * <p>For one thread; holds memory outside the Java heap until closed.
 */
public final class SourceRun implements AutoCloseable {

  /** Nobody reads them; a run to the residual stream would need the last block everywhere. */
  private static final LogitSelection LEAST = LogitSelection.at(0).tokens(0);

  private final Gpt2 model;
  private final BaseRun base;

  /** By prompt, the first position that is not as in the base run; the length if none is. */
  private final int[] firstDifferent;

  /** The first position that was computed. */
  private final int start;

  /** From {@link #start} on. */
  private final Map<HookPoint, INDArray> computed = new HashMap<>();

  private @Nullable INDArray latest;
  private @Nullable HookPoint latestPoint;

  SourceRun(Gpt2 model, BaseRun base, TokenBatch tokens, Set<Activation> kept) {
    this.model = model;
    this.base = base;
    this.firstDifferent = firstDifferent(base.tokens(), tokens);
    this.start = Arrays.stream(firstDifferent).min().orElseThrow();
    Tap tap = new KeepingTap(kept, computed);
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
   * @throws IllegalArgumentException if the point is of none of the activations that there are
   *     variants of
   */
  public INDArray value(HookPoint point) {
    if (start == base.tokens().length()) {
      return base.value(point);
    }
    INDArray own = computed.get(point);
    if (own == null) {
      throw new IllegalArgumentException(point + " was not kept: there are no variants of it");
    }
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
