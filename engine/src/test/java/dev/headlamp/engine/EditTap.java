package dev.headlamp.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Edits the points it is told to, and wants no others. */
final class EditTap implements Tap {

  private final Map<HookPoint, UnaryOperator<INDArray>> edits = new LinkedHashMap<>();

  private EditTap() {}

  static EditTap at(HookPoint point, UnaryOperator<INDArray> edit) {
    return new EditTap().and(point, edit);
  }

  /** Edits every point of a model in the same way. */
  static EditTap everywhere(Gpt2Config config, UnaryOperator<INDArray> edit) {
    EditTap tap = new EditTap();
    HookPoint.all(config).forEach(point -> tap.and(point, edit));
    return tap;
  }

  EditTap and(HookPoint point, UnaryOperator<INDArray> edit) {
    edits.put(point, edit);
    return this;
  }

  @Override
  public Interest interest(HookPoint point) {
    return edits.containsKey(point) ? Interest.EDIT : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    UnaryOperator<INDArray> edit = edits.get(point);
    if (edit == null) {
      throw new AssertionError(point + " was offered, but nobody is interested in it");
    }
    return edit.apply(value);
  }
}
