package dev.headlamp.hooks;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the points of one run held, as it was then, whatever happens later. Holds memory outside the
 * Java heap until closed.
 */
public final class ActivationCache implements AutoCloseable {

  private final Gpt2Config config;
  private final WeightProcessing processing;
  private final TokenBatch tokens;
  private final Positions positions;
  private final Map<HookPoint, INDArray> values;
  private final Consumer<INDArray> afterUse;
  private boolean closed;

  /**
   * Holds the given values.
   *
   * @param afterUse what becomes of each when the cache is closed
   */
  ActivationCache(
      Gpt2 model,
      TokenBatch tokens,
      Positions positions,
      Map<HookPoint, INDArray> values,
      Consumer<INDArray> afterUse) {
    this.afterUse = afterUse;
    this.config = model.config();
    this.processing = model.processing();
    this.tokens = tokens;
    this.positions = positions;
    this.values = new LinkedHashMap<>(values);
  }

  /** Returns the sizes and switches of the model that was run. */
  public Gpt2Config config() {
    return config;
  }

  /**
   * Returns this cache, if it is of a run of {@code model}: what was computed with other weights
   * says nothing about these.
   *
   * @throws IllegalArgumentException if it is of another model, or of the same with its weights
   *     processed differently
   */
  public ActivationCache checkedFor(HookedGpt2 model) {
    if (!config.equals(model.config()) || !processing.equals(model.processing())) {
      throw new IllegalArgumentException(
          "this cache is of a run of %s (weight processing: %s), not of %s (weight processing: %s)"
              .formatted(config.name(), processing, model.config().name(), model.processing()));
    }
    return this;
  }

  /** Returns the prompts that were run. */
  public TokenBatch tokens() {
    return tokens;
  }

  /** Returns the positions that are held of each point: all, unless the run kept fewer. */
  public Positions positions() {
    return positions;
  }

  /**
   * Returns where positions of the prompts lie on the position axis of what is held, {@code
   * [batch][selected]}: the same numbers, unless the run kept fewer positions.
   *
   * @param wanted positions in the padded batch; {@link Positions#all} means all that are held
   * @throws IllegalArgumentException if a position was not kept, or lies outside the batch
   */
  public int[][] entries(Positions wanted) {
    int[][] held = positions.resolve(tokens);
    if (wanted instanceof Positions.All) {
      return Arrays.stream(held)
          .map(row -> IntStream.range(0, row.length).toArray())
          .toArray(int[][]::new);
    }
    int[][] entries = wanted.resolve(tokens);
    for (int prompt = 0; prompt < entries.length; prompt++) {
      int[] own = held[prompt];
      int[] row = entries[prompt];
      Arrays.setAll(row, i -> entry(own, row[i]));
    }
    return entries;
  }

  private static int entry(int[] held, int position) {
    return IntStream.range(0, held.length)
        .filter(i -> held[i] == position)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "position %d is not in this cache: the run kept %s"
                        .formatted(position, Arrays.toString(held))));
  }

  /** Returns the points held, in the order the run reached them; none after closing. */
  public Set<HookPoint> points() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /** Returns whether a point is held. */
  public boolean has(HookPoint point) {
    return values.containsKey(point);
  }

  /**
   * Returns what a point held, with the point's axes. Owned by this cache: do not write into it,
   * and do not use it after closing.
   *
   * @throws IllegalArgumentException if the point was not kept
   * @throws IllegalStateException if this cache is closed
   */
  public INDArray get(HookPoint point) {
    if (closed) {
      throw new IllegalStateException("this cache is closed: it no longer holds " + point);
    }
    INDArray value = values.get(point);
    if (value == null) {
      throw new IllegalArgumentException(
          point
              + " is not in this cache of "
              + values.size()
              + " points: name it in the CacheSpec of the run");
    }
    return value;
  }

  /**
   * Returns what a point held, by TransformerLens' name of it or any short form that {@link
   * HookPoint#parse} reads.
   *
   * @throws IllegalArgumentException if the model has no such point, or it was not kept
   */
  public INDArray get(String name) {
    return get(HookPoint.parse(name, config));
  }

  /** Returns the bytes held outside the Java heap; 0 after closing. */
  public long bytes() {
    return values.values().stream().mapToLong(v -> v.length() * v.dataType().width()).sum();
  }

  boolean isClosed() {
    return closed;
  }

  /** Hands the values back to the model, for later runs. Closing again has no effect. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      values.values().forEach(afterUse);
      values.clear();
    }
  }
}
