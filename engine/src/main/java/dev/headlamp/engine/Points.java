package dev.headlamp.engine;

import dev.headlamp.engine.Tap.Interest;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Offers the points of one run to its tap, and checks what comes back. */
final class Points {

  private final Tap tap;
  private final boolean nanDetection;

  Points(Tap tap, boolean nanDetection) {
    this.tap = tap;
    this.nanDetection = nanDetection;
  }

  Interest interest(HookPoint point) {
    return tap.interest(point);
  }

  boolean wanted(HookPoint point) {
    return tap.interest(point) != Interest.NONE;
  }

  boolean edited(HookPoint point) {
    return tap.interest(point).mayChange();
  }

  /**
   * Returns the value that the run goes on with: {@code value}, or what a hook put in its place.
   *
   * @param memory what {@code value} was allocated from. A value that a hook may have kept is left
   *     to the garbage collector, because a freed array can still be read, and then holds garbage
   */
  INDArray offer(RunMemory memory, HookPoint point, INDArray value) {
    if (nanDetection && Double.isNaN(value.sumNumber().doubleValue())) {
      throw new NanException(point);
    }
    return switch (tap.interest(point)) {
      case NONE -> value;
      case READ, OVERWRITE -> {
        tap.offer(point, value);
        yield value;
      }
      case EDIT -> accepted(memory, point, value, tap.offer(point, memory.lend(value)));
    };
  }

  private static INDArray accepted(
      RunMemory memory, HookPoint point, INDArray value, INDArray returned) {
    if (returned == value) {
      return value;
    }
    if (returned == null) {
      throw new IllegalArgumentException(
          "the hook on " + point + " returned null; return its argument to change nothing");
    }
    if (!java.util.Arrays.equals(returned.shape(), value.shape())
        || returned.dataType() != value.dataType()) {
      throw new IllegalArgumentException(
          "the hook on %s returned %s %s where the point holds %s %s"
              .formatted(
                  point,
                  returned.dataType(),
                  java.util.Arrays.toString(returned.shape()),
                  value.dataType(),
                  java.util.Arrays.toString(value.shape())));
    }
    if (returned.wasClosed()) {
      throw new IllegalArgumentException("the hook on " + point + " returned a closed array");
    }
    // The caller's array is copied: a later in-place edit must not reach what it owns.
    return memory.keep(returned.dup('c'));
  }
}
