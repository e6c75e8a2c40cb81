package dev.headlamp.hooks;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What a user's code does with the value of a point while a run passes it. */
@FunctionalInterface
public interface Hook {

  /**
   * Takes the value of a point, or the part of it that the hook was registered for.
   *
   * @param value the value, with the point's axes ({@link dev.headlamp.engine.Activation#dims()}),
   *     C order. Borrowed: look at it, do not write into it; it keeps its content after the run
   * @param context where and in which run
   * @return {@code value} to change nothing, or another array of the same shape and type, which is
   *     copied
   */
  INDArray apply(INDArray value, HookContext context);
}
