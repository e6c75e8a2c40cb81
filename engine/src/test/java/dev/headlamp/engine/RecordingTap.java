package dev.headlamp.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Keeps a copy of what the run goes on with at every point, in the order it is offered them. */
final class RecordingTap implements Tap {

  private final Predicate<HookPoint> wanted;
  private final Tap edits;
  private final Map<HookPoint, INDArray> values = new LinkedHashMap<>();

  private RecordingTap(Predicate<HookPoint> wanted, Tap edits) {
    this.wanted = wanted;
    this.edits = edits;
  }

  static RecordingTap everything() {
    return new RecordingTap(point -> true, Tap.NONE);
  }

  static RecordingTap only(HookPoint... points) {
    return new RecordingTap(Set.of(points)::contains, Tap.NONE);
  }

  /** Records every point as the given edits leave it. */
  static RecordingTap behind(Tap edits) {
    return new RecordingTap(point -> true, edits);
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
    Interest edit = edits.interest(point);
    return edit == Interest.NONE && wanted.test(point) ? Interest.READ : edit;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    INDArray kept = edits.interest(point) == Interest.NONE ? value : edits.offer(point, value);
    if (values.put(point, kept.dup('c')) != null) {
      throw new AssertionError(point + " was offered twice in one run");
    }
    return kept;
  }
}
