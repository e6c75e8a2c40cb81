package dev.headlamp.engine;

import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keeps some kinds of points.
 *
 * @param activations which
 * @param kept what they held, the keeper's own
 */
record KeepingTap(Set<Activation> activations, Map<HookPoint, INDArray> kept) implements Tap {

  @Override
  public Interest interest(HookPoint point) {
    return activations.contains(point.activation()) ? Interest.KEEP : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    kept.put(point, value);
    return value;
  }
}
