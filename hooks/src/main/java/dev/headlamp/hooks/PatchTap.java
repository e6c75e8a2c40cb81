package dev.headlamp.hooks;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Puts a part of another run's value into one point. */
record PatchTap(HookPoint point, PartIndex index, INDArray source) implements Tap {

  @Override
  public Interest interest(HookPoint candidate) {
    return candidate.equals(point) ? Interest.OVERWRITE : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint candidate, INDArray value) {
    index.copy(source, value);
    return value;
  }
}
