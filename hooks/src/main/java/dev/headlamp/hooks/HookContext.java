package dev.headlamp.hooks;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a hook is called.
 *
 * @param point the point whose value is offered
 * @param part the part of it that the hook was registered for
 * @param tokens the prompts of this run
 * @param step the step of a generation: 0 for the prompts, n for the n-th new token; always 0 in a
 *     run that generates nothing
 */
public record HookContext(HookPoint point, Part part, TokenBatch tokens, int step) {

  /**
   * Returns the part of another array that a hook is given of the point's own: what to put in its
   * place, for instance.
   *
   * @param whole an array with the axes of the point, borrowed
   * @return a copy of the part; {@code whole} itself if the part is everything
   */
  public INDArray partOf(INDArray whole) {
    return part.isEverything() ? whole : part.in(point.activation(), tokens).read(whole);
  }
}
