package dev.headlamp.hooks.worlds;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap.Interest;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheTap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The place of one world in the batch of a run, and what is done there.
 *
 * @param name the world's name
 * @param tokens its prompts
 * @param first the row of the batch that holds its first prompt
 * @param tap its hooks and its cache
 */
record Lane(String name, TokenBatch tokens, int first, CacheTap tap) {

  Interest interest(HookPoint point) {
    return tap.interest(point);
  }

  /** Offers this world's part of a point to its hooks and its cache, and puts back what changed. */
  void offer(HookPoint point, INDArray whole) {
    INDArray value = of(point.activation(), whole);
    switch (interest(point)) {
      case NONE -> {}
      case READ -> tap.offer(point, value);
      case KEEP -> tap.offer(point, value.dup('c'));
      // A hook may keep what it is given, which is therefore a copy and left to the collector.
      case EDIT -> value.assign(tap.offer(point, value.dup('c')));
      case OVERWRITE -> {
        try (INDArray copy = value.dup('c')) {
          value.assign(tap.offer(point, copy));
        }
      }
    }
  }

  /** Returns this world's part of an array of the whole batch, a view: without others' padding. */
  INDArray of(Activation activation, INDArray whole) {
    INDArrayIndex[] index = new INDArrayIndex[whole.rank()];
    for (int axis = 0; axis < index.length; axis++) {
      index[axis] =
          switch (activation.dims().get(axis)) {
            case BATCH -> NDArrayIndex.interval(first, first + tokens.batch());
            case POS, DEST, SOURCE -> NDArrayIndex.interval(0, tokens.length());
            default -> NDArrayIndex.all();
          };
    }
    return whole.get(index);
  }

  /** Returns what a point held, from the cache. */
  INDArray kept(HookPoint point) {
    return cache().get(point);
  }

  ActivationCache cache() {
    return tap.cache();
  }
}
