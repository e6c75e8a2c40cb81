package dev.headlamp.hooks;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import java.util.Arrays;
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
   * @param whole an array with the axes of the point, of as many prompts and positions as this run;
   *     borrowed
   * @return a copy of the part; {@code whole} itself if the part is everything
   * @throws IllegalArgumentException if it has other numbers of prompts or positions
   */
  public INDArray partOf(INDArray whole) {
    Activation activation = point.activation();
    checkLength(whole, activation.dims().indexOf(Dim.BATCH), tokens.batch());
    Dim pos = activation.has(Dim.DEST) ? Dim.DEST : Dim.POS;
    checkLength(whole, activation.dims().indexOf(pos), tokens.length());
    return part.isEverything() ? whole : part.in(activation, tokens, whole.shape()).read(whole);
  }

  private void checkLength(INDArray whole, int axis, int expected) {
    if (whole.rank() != point.activation().dims().size() || whole.size(axis) != expected) {
      throw new IllegalArgumentException(
          "%s holds %s, for %d prompts of %d positions here: an array %s cannot stand for it"
              .formatted(
                  point,
                  point.activation().shapeText(),
                  tokens.batch(),
                  tokens.length(),
                  Arrays.toString(whole.shape())));
    }
  }
}
