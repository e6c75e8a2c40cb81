package dev.headlamp.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a run offers its points to. A point that nobody is interested in is computed only if the
 * result needs it, and costs nothing otherwise.
 */
public interface Tap {

  /** What a tap means to do with a point. */
  enum Interest {
    /** The point is not offered. */
    NONE,
    /** The point is offered; its value is looked at during the call and not changed. */
    READ,
    /**
     * The point is offered, and its value is the tap's to keep, without a copy being made: nobody
     * writes into it any more. The tap closes it after the run, or gives it to {@link
     * Gpt2#recycle}.
     */
    KEEP,
    /** The point is offered, and the run goes on with what is returned. */
    EDIT,
    /**
     * The point is offered, and may be written into during the call, but not kept: the cheapest way
     * to change a point.
     */
    OVERWRITE;

    /** Returns whether the run may go on with another value than it computed. */
    public boolean mayChange() {
      return this == EDIT || this == OVERWRITE;
    }
  }

  /** A tap that wants nothing. */
  Tap NONE =
      new Tap() {
        @Override
        public Interest interest(HookPoint point) {
          return Interest.NONE;
        }

        @Override
        public INDArray offer(HookPoint point, INDArray value) {
          return value;
        }
      };

  /** Returns what this tap means to do with {@code point}; asked before the value is computed. */
  Interest interest(HookPoint point);

  /**
   * Takes the value of a point.
   *
   * @param value the array with the axes of {@link Activation#dims()}, C order; borrowed. If this
   *     tap's interest in the point is {@link Interest#READ} or {@link Interest#OVERWRITE} it is
   *     valid during this call only; if it is {@link Interest#EDIT} or {@link Interest#KEEP} nobody
   *     writes into it afterwards
   * @return {@code value}, or another array of the same shape and type for the run to go on with;
   *     ignored unless the interest is {@link Interest#EDIT}
   */
  INDArray offer(HookPoint point, INDArray value);
}
