package dev.headlamp.hooks;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Keeps what the points of a run hold, after {@code first} had its say. */
final class CacheTap implements Tap {

  private final Tap first;
  private final Set<HookPoint> points;
  private final Part part;
  private final TokenBatch tokens;
  private final Map<HookPoint, INDArray> kept = new LinkedHashMap<>();

  CacheTap(Tap first, Set<HookPoint> points, Positions positions, TokenBatch tokens) {
    this.first = first;
    this.points = points;
    this.part = Part.everything().at(positions);
    this.tokens = tokens;
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
      kept.put(point, part.isEverything() ? held.dup('c') : partOf(point, held));
    }
    return held;
  }

  private INDArray partOf(HookPoint point, INDArray held) {
    return part.in(point.activation(), tokens, held.shape()).read(held);
  }

  Map<HookPoint, INDArray> kept() {
    return kept;
  }

  /** Frees what was kept of a run that failed. */
  void discard() {
    kept.values().forEach(INDArray::close);
    kept.clear();
  }
}
