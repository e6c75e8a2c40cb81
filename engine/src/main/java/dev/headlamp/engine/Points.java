package dev.headlamp.engine;

import dev.headlamp.engine.Tap.Interest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Offers the points of one run to its tap, and checks what comes back. */
final class Points {

  private final Tap tap;
  private final boolean nanDetection;

  Points(Tap tap, boolean nanDetection) {
    if (!Switches.POINTS && (tap != Tap.NONE || nanDetection)) {
      throw new IllegalStateException(
          "hook points are switched off by " + Switches.POINTS_PROPERTY);
    }
    this.tap = tap;
    this.nanDetection = nanDetection;
  }

  Interest interest(HookPoint point) {
    return Switches.POINTS ? tap.interest(point) : Interest.NONE;
  }

  boolean wanted(HookPoint point) {
    return interest(point) != Interest.NONE;
  }

  /** Returns whether the value of a point is looked at, by a tap or for a NaN. */
  boolean watched(HookPoint point) {
    return nanDetection || wanted(point);
  }

  boolean edited(HookPoint point) {
    return interest(point).mayChange();
  }

  /**
   * Returns the value that the run goes on with: {@code value}, or what a hook put in its place.
   *
   * @param memory what {@code value} was allocated from. A value that a hook may have kept is left
   *     to the garbage collector, because a freed array can still be read, and then holds garbage
   */
  INDArray offer(RunMemory memory, HookPoint point, INDArray value) {
    if (!Switches.POINTS) {
      return value;
    }
    detectNan(point, value);
    return switch (interest(point)) {
      case NONE -> value;
      case READ -> {
        tap.offer(point, value);
        checkOpen(point, value, "closed the array it was lent");
        yield value;
      }
      case KEEP -> {
        INDArray kept = memory.lend(value);
        tap.offer(point, kept);
        checkOpen(point, kept, "closed the array it was given before the run ended");
        yield kept;
      }
      case OVERWRITE -> {
        INDArray own = memory.writable(value);
        tap.offer(point, own);
        checkOpen(point, own, "closed the array it was lent");
        detectNan(point, own);
        yield own;
      }
      case EDIT -> {
        INDArray lent = memory.lend(value);
        INDArray accepted = accepted(memory, point, lent, tap.offer(point, lent));
        detectNan(point, accepted);
        yield accepted;
      }
    };
  }

  private void detectNan(HookPoint point, INDArray value) {
    // The sum is quick but not proof: inf and -inf, as in masked scores, add up to NaN too.
    if (nanDetection
        && Double.isNaN(value.sumNumber().doubleValue())
        && value.scan(Conditions.isNan()).longValue() > 0) {
      throw new NanException(point);
    }
  }

  private static INDArray accepted(
      RunMemory memory, HookPoint point, INDArray value, @Nullable INDArray returned) {
    if (returned == null) {
      throw new IllegalArgumentException(
          "the hook on " + point + " returned null; return its argument to change nothing");
    }
    checkOpen(point, returned, "returned a closed array");
    if (returned == value) {
      return value;
    }
    if (!Arrays.equals(returned.shape(), value.shape())
        || returned.dataType() != value.dataType()) {
      throw new IllegalArgumentException(
          "the hook on %s returned %s %s where the point holds %s %s"
              .formatted(
                  point,
                  returned.dataType(),
                  Arrays.toString(returned.shape()),
                  value.dataType(),
                  Arrays.toString(value.shape())));
    }
    // The caller's array is copied: a later in-place edit must not reach what it owns.
    return memory.keep(returned.dup('c'));
  }

  private static void checkOpen(HookPoint point, INDArray array, String otherwise) {
    if (array.wasClosed()) {
      throw new IllegalArgumentException("the hook on " + point + " " + otherwise);
    }
  }
}
