package dev.headlamp.hooks.directions;

import dev.headlamp.engine.Dim;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.HookContext;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Vectors of another run, or of a run that is over. */
final class CachedVectors {

  private CachedVectors() {}

  /**
   * Returns what a point held; the cache's.
   *
   * @param reader what reads the vectors, for the message
   * @throws IllegalArgumentException naming the point, if it is not in the cache, or holds no
   *     vectors of {@code width} entries
   */
  static INDArray of(ActivationCache cache, String name, int width, String reader) {
    HookPoint point = HookPoint.parse(name, cache.config());
    INDArray held = cache.get(point);
    requireVectors(point, held.size(-1), width, reader);
    return held;
  }

  /**
   * Refuses a point that holds no vectors of the model's, or others.
   *
   * @param found how many entries the last axis has
   */
  static void requireVectors(HookPoint point, long found, int width, String reader) {
    List<Dim> dims = point.activation().dims();
    boolean ofVectors =
        switch (dims.get(dims.size() - 1)) {
          case D_MODEL, D_HEAD, D_MLP -> true;
          case BATCH, POS, HEAD, DEST, SOURCE, D_VOCAB, ONE -> false;
        };
    if (!ofVectors || found != width) {
      throw new IllegalArgumentException(
          "%s reads vectors of %d entries, but %s holds %s with %d entries along the last axis"
              .formatted(reader, width, point, point.activation().shapeText(), found));
    }
  }

  /** Copies what the part that a hook is given held in another run. */
  static Rows at(HookContext context, ActivationCache cache) {
    INDArray whole = cache.get(context.point());
    INDArray part = context.partOf(whole);
    Rows rows = Rows.of(part);
    if (part != whole && part.closeable()) {
      part.close();
    }
    return rows;
  }
}
