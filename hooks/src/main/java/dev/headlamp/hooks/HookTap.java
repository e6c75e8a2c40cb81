package dev.headlamp.hooks;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Applies the hooks of a registry, as they were when the run began, to the points of that run. */
final class HookTap implements Tap {

  private final Map<HookPoint, List<HookRegistry.Entry>> byPoint = new HashMap<>();
  private final TokenBatch tokens;
  private final int step;

  HookTap(HookRegistry registry, TokenBatch tokens, int step) {
    this.tokens = tokens;
    this.step = step;
    for (HookRegistry.Entry entry : registry.snapshot()) {
      for (HookPoint point : entry.points()) {
        byPoint.computeIfAbsent(point, p -> new ArrayList<>()).add(entry);
      }
    }
  }

  @Override
  public Interest interest(HookPoint point) {
    return byPoint.containsKey(point) ? Interest.EDIT : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    INDArray current = value;
    for (HookRegistry.Entry entry : byPoint.getOrDefault(point, List.of())) {
      current = apply(entry, current, new HookContext(point, entry.part(), tokens, step));
    }
    return current;
  }

  private INDArray apply(HookRegistry.Entry entry, INDArray value, HookContext context) {
    if (entry.part().isEverything()) {
      return checked(context.point(), value, entry.hook().apply(value, context));
    }
    PartIndex index = entry.part().in(context.point().activation(), tokens);
    INDArray part = index.read(value);
    INDArray before = part.dup('c');
    INDArray after = checked(context.point(), part, entry.hook().apply(part, context));
    if (after == part && part.equalsWithEps(before, 0)) {
      return value;
    }
    INDArray whole = value.dup('c');
    index.write(after, whole);
    return whole;
  }

  private static INDArray checked(HookPoint point, INDArray given, INDArray returned) {
    if (returned == null) {
      throw new IllegalArgumentException(
          "the hook on " + point + " returned null; return its argument to change nothing");
    }
    if (!Arrays.equals(given.shape(), returned.shape())
        || given.dataType() != returned.dataType()) {
      throw new IllegalArgumentException(
          "the hook on %s returned %s %s where it was given %s %s"
              .formatted(
                  point,
                  returned.dataType(),
                  Arrays.toString(returned.shape()),
                  given.dataType(),
                  Arrays.toString(given.shape())));
    }
    return returned;
  }
}
