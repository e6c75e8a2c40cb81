package dev.headlamp.hooks;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Applies the hooks of a registry, as they were when the run began, to the points of that run. */
final class HookTap implements Tap {

  private final Map<HookPoint, List<HookRegistry.Entry>> byPoint = new HashMap<>();
  private final TokenBatch tokens;
  private final int step;

  /** A hook may keep a whole array it is given, so none is written into as soon as one is. */
  private final Interest interest;

  HookTap(HookRegistry registry, TokenBatch tokens, int step) {
    this.tokens = tokens;
    this.step = step;
    List<HookRegistry.Entry> entries = registry.snapshot();
    this.interest =
        entries.stream().anyMatch(entry -> entry.part().isEverything())
            ? Interest.EDIT
            : Interest.OVERWRITE;
    for (HookRegistry.Entry entry : entries) {
      for (HookPoint point : entry.points()) {
        byPoint.computeIfAbsent(point, p -> new ArrayList<>()).add(entry);
      }
    }
  }

  @Override
  public Interest interest(HookPoint point) {
    return byPoint.containsKey(point) ? interest : Interest.NONE;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    INDArray current = value;
    for (HookRegistry.Entry entry : byPoint.getOrDefault(point, List.of())) {
      // What a hook returned is its own, a cache's array perhaps: the next one gets a copy.
      INDArray given = current == value ? value : current.dup('c');
      current = apply(entry, given, new HookContext(point, entry.part(), tokens, step));
    }
    return current;
  }

  private INDArray apply(HookRegistry.Entry entry, INDArray value, HookContext context) {
    if (entry.part().isEverything()) {
      return returned(entry, value, context);
    }
    PartIndex index = entry.part().in(context.point().activation(), tokens, value.shape());
    INDArray part = index.read(value);
    INDArray after = returned(entry, part, context);
    if (interest == Interest.OVERWRITE) {
      index.write(after, value);
      return value;
    }
    INDArray whole = value.dup('c');
    index.write(after, whole);
    LeftToCollector.count(whole);
    return whole;
  }

  private static INDArray returned(HookRegistry.Entry entry, INDArray given, HookContext context) {
    INDArray returned = entry.hook().apply(given, context);
    check(context.point(), given, returned);
    LeftToCollector.count(given);
    if (returned != given) {
      LeftToCollector.count(returned);
    }
    return returned;
  }

  private static void check(HookPoint point, INDArray given, @Nullable INDArray returned) {
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
    if (returned.wasClosed()) {
      throw new IllegalArgumentException("the hook on " + point + " returned a closed array");
    }
  }
}
