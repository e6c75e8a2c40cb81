package dev.headlamp.engine.gradients;

import dev.headlamp.engine.HookPoint;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Keeps copies of the gradients that were asked for, each in the shape of its point. */
final class PointGradients {

  private final Set<HookPoint> wanted;
  private final Function<HookPoint, long[]> shapes;
  private final SortedMap<HookPoint, INDArray> kept = new TreeMap<>();

  PointGradients(Set<HookPoint> wanted, Function<HookPoint, long[]> shapes) {
    this.wanted = wanted;
    this.shapes = shapes;
  }

  Set<HookPoint> wanted() {
    return wanted;
  }

  boolean wants(HookPoint point) {
    return wanted.contains(point);
  }

  /**
   * Takes the gradient at a point.
   *
   * @param gradient C-ordered, of the point's shape or with neighbouring axes merged; borrowed
   */
  void offer(HookPoint point, INDArray gradient) {
    if (wants(point)) {
      long[] shape = shapes.apply(point);
      kept.put(
          point,
          Nd4j.createUninitialized(gradient.dataType(), shape, 'c')
              .assign(gradient.reshape('c', shape)));
    }
  }

  SortedMap<HookPoint, INDArray> kept() {
    return kept;
  }

  /** Frees what was kept of a pass that failed. */
  void discard() {
    kept.values().forEach(INDArray::close);
    kept.clear();
  }
}
