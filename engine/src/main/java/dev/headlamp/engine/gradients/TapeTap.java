package dev.headlamp.engine.gradients;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies what the points of a run hold, after replacing the value of at most one of them. */
final class TapeTap implements Tap {

  private record Replacement(HookPoint point, INDArray value) {}

  private final @Nullable Replacement replacement;
  private final Predicate<HookPoint> recorded;
  private final Map<HookPoint, INDArray> values = new HashMap<>();

  private TapeTap(@Nullable Replacement replacement, Predicate<HookPoint> recorded) {
    this.replacement = replacement;
    this.recorded = recorded;
  }

  static TapeTap recording(Predicate<HookPoint> recorded) {
    return new TapeTap(null, recorded);
  }

  static TapeTap replacing(HookPoint point, INDArray value, Predicate<HookPoint> recorded) {
    return new TapeTap(
        new Replacement(point, value),
        candidate -> candidate.equals(point) || recorded.test(candidate));
  }

  @Override
  public Interest interest(HookPoint point) {
    if (replacement != null && replacement.point().equals(point)) {
      return Interest.OVERWRITE;
    }
    return recorded.test(point) ? Interest.READ : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    if (replacement != null && replacement.point().equals(point)) {
      value.assign(replacement.value());
    }
    values.put(point, value.dup('c'));
    return value;
  }

  Map<HookPoint, INDArray> values() {
    return values;
  }

  /** Frees what was recorded of a run that failed. */
  void discard() {
    values.values().forEach(INDArray::close);
    values.clear();
  }
}
