package dev.headlamp.hooks;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the points of one run held, as it was then, whatever happens later. Holds memory outside the
 * Java heap until closed.
 */
public final class ActivationCache implements AutoCloseable {

  private final Gpt2Config config;
  private final TokenBatch tokens;
  private final Map<HookPoint, INDArray> values;
  private final Consumer<INDArray> afterUse;
  private boolean closed;

  /**
   * Holds the given values.
   *
   * @param afterUse what becomes of each when the cache is closed
   */
  ActivationCache(
      Gpt2Config config,
      TokenBatch tokens,
      Map<HookPoint, INDArray> values,
      Consumer<INDArray> afterUse) {
    this.afterUse = afterUse;
    this.config = config;
    this.tokens = tokens;
    this.values = new LinkedHashMap<>(values);
  }

  /** Returns the prompts that were run. */
  public TokenBatch tokens() {
    return tokens;
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
