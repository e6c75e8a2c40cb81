package dev.headlamp.engine;

import java.util.Map;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keeps what some points hold.
 *
 * @param wanted which points
 * @param kept what they held, the keeper's own
 */
record KeepingTap(Predicate<HookPoint> wanted, Map<HookPoint, INDArray> kept) implements Tap {

  @Override
  public Interest interest(HookPoint point) {
    return wanted.test(point) ? Interest.KEEP : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    kept.put(point, value);
    return value;
  }
}
