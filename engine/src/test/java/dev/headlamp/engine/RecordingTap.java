package dev.headlamp.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Keeps a copy of every point it is offered, in the order it is offered them. */
final class RecordingTap implements Tap {

  private final Predicate<HookPoint> wanted;
  private final Map<HookPoint, INDArray> values = new LinkedHashMap<>();

  private RecordingTap(Predicate<HookPoint> wanted) {
    this.wanted = wanted;
  }

  static RecordingTap everything() {
    return new RecordingTap(point -> true);
  }

  static RecordingTap only(HookPoint... points) {
    return new RecordingTap(Set.of(points)::contains);
  }

  INDArray get(HookPoint point) {
    INDArray value = values.get(point);
    if (value == null) {
      throw new AssertionError(point + " was not offered");
    }
    return value;
  }

  Set<HookPoint> points() {
    return values.keySet();
  }

  @Override
  public Interest interest(HookPoint point) {
    return wanted.test(point) ? Interest.READ : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    if (values.put(point, value.dup('c')) != null) {
      throw new AssertionError(point + " was offered twice in one run");
    }
    return value;
  }
}
