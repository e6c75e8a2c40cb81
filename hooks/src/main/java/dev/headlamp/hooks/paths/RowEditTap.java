package dev.headlamp.hooks.paths;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Writes rows into the points of a run. */
final class RowEditTap implements Tap {

  private final Map<HookPoint, List<RowEdit>> byPoint;

  RowEditTap(List<RowEdit> edits) {
    byPoint = edits.stream().collect(Collectors.groupingBy(RowEdit::point));
  }

  @Override
  public Interest interest(HookPoint point) {
    return byPoint.containsKey(point) ? Interest.OVERWRITE : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    byPoint.getOrDefault(point, List.of()).forEach(edit -> edit.applyTo(value));
    return value;
  }
}
