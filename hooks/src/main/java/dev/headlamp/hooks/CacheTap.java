package dev.headlamp.hooks;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keeps what the points of a run hold, after hooks had their say: what {@link
 * HookedGpt2#runWithCache} offers the points to, for those who offer them themselves.
 */
public final class CacheTap implements Tap {

  private final Gpt2 model;
  private final Tap first;
  private final Set<HookPoint> points;
  private final Positions positions;
  private final Part part;
  private final TokenBatch tokens;
  private final Map<HookPoint, INDArray> kept = new LinkedHashMap<>();

  CacheTap(Gpt2 model, TokenBatch tokens, CacheSpec keep, Tap first) {
    this.model = model;
    this.tokens = tokens;
    this.points = keep.resolve(model.config());
    this.positions = keep.positions();
    this.part = Part.everything().at(keep.positions());
    this.first = first;
  }

  /**
   * Returns a tap for one run of the given prompts, which applies hooks as they are now and keeps
   * what {@code keep} says.
   *
   * @throws IllegalArgumentException if the hooks are another model's, or a point to be kept is
   *     never reached
   */
  public static CacheTap of(
      HookedGpt2 model, TokenBatch tokens, CacheSpec keep, HookRegistry hooks) {
    return new CacheTap(model.engine(), tokens, keep, model.tap(hooks, tokens, 0));
  }

  @Override
  public Interest interest(HookPoint point) {
    Interest interest = first.interest(point);
    if (interest != Interest.NONE || !points.contains(point)) {
      return interest;
    }
    return part.isEverything() ? Interest.KEEP : Interest.READ;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    if (interest(point) == Interest.KEEP) {
      kept.put(point, value);
      return value;
    }
    INDArray held = first.interest(point) == Interest.NONE ? value : first.offer(point, value);
    if (points.contains(point)) {
      kept.put(point, part.isEverything() ? model.copy(held) : partOf(point, held));
    }
    return held;
  }

  private INDArray partOf(HookPoint point, INDArray held) {
    return part.in(point.activation(), tokens, held.shape()).read(held);
  }

  /**
   * Returns what was kept so far; to be closed by the caller, once, when the run is over, unless it
   * is discarded.
   */
  public ActivationCache cache() {
    return new ActivationCache(model, tokens, positions, kept, this::free);
  }

  /** Frees what was kept of a run that failed. */
  public void discard() {
    kept.values().forEach(this::free);
    kept.clear();
  }

  /** Parts are of many shapes and not the model's memory. */
  private void free(INDArray value) {
    if (part.isEverything()) {
      model.recycle(value);
    } else {
      value.close();
    }
  }
}
