package dev.headlamp.hooks;

import dev.headlamp.engine.Dim;
import java.util.Arrays;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Ready hooks. What they act on is chosen where they are registered: a point, and a {@link Part} of
 * it (heads, positions, sources, neurons).
 */
public final class Interventions {

  private Interventions() {}

  /** Returns a hook that puts zeros. */
  public static Hook zero() {
    return (value, context) -> Nd4j.zerosLike(value);
  }

  /**
   * Returns a hook that puts what the same point held in another run: activation patching.
   *
   * @param cache a cache of whole positions, borrowed; its run had as many prompts and positions
   * @throws IllegalArgumentException when called, if the cache does not hold the point or its shape
   *     differs
   */
  public static Hook replaceFrom(ActivationCache cache) {
    return (value, context) -> {
      INDArray other = context.partOf(cache.get(context.point()));
      if (!Arrays.equals(other.shape(), value.shape())) {
        throw new IllegalArgumentException(
            "%s holds %s here and %s in the cache: both runs need the same numbers of prompts and positions"
                .formatted(
                    context.point(),
                    Arrays.toString(value.shape()),
                    Arrays.toString(other.shape())));
      }
      return other;
    };
  }

  /**
   * Returns a hook that puts the mean over the prompts of a reference run, position by position.
   *
   * @param reference a cache of whole positions, borrowed; its run had as many positions and no
   *     padding, and any number of prompts
   */
  public static Hook meanOverPrompts(ActivationCache reference) {
    return (value, context) ->
        broadcast(reference, reference.get(context.point()).mean(true, 0), value, context);
  }

  /**
   * Returns a hook that puts the mean over the prompts and positions of a reference run.
   *
   * @param reference a cache, borrowed; its run had no padding, and any numbers of prompts and
   *     positions. For attention scores and patterns use {@link #meanOverPrompts}
   */
  public static Hook meanOverPromptsAndPositions(ActivationCache reference) {
    return (value, context) -> {
      if (!context.point().activation().has(Dim.POS)) {
        throw new IllegalArgumentException(
            "%s has no position axis to average over: it holds %s"
                .formatted(context.point(), context.point().activation().shapeText()));
      }
      INDArray mean = reference.get(context.point()).mean(true, 0, 1);
      return broadcast(reference, mean, value, context);
    };
  }

  /**
   * Returns a hook that adds a vector at every position: steering.
   *
   * @param direction as long as the last axis of the point's part, borrowed
   */
  public static Hook add(INDArray direction) {
    return (value, context) -> {
      if (direction.length() != value.size(-1)) {
        throw new IllegalArgumentException(
            "a vector of %d entries cannot be added to %s, whose last axis has %d"
                .formatted(direction.length(), context.point(), value.size(-1)));
      }
      long[] shape = new long[value.rank()];
      Arrays.fill(shape, 1);
      shape[shape.length - 1] = direction.length();
      return value.add(direction.castTo(value.dataType()).reshape(shape));
    };
  }

  /** Returns a hook that multiplies by a factor. */
  public static Hook scale(double factor) {
    return (value, context) -> value.mul(factor);
  }

  /**
   * Returns a hook that adds Gaussian noise. One seed gives one noise at a point of a step, however
   * often it is run.
   *
   * @param standardDeviation of the noise
   */
  public static Hook noise(double standardDeviation, long seed) {
    return (value, context) -> {
      Random random = new Random(seed * 31 + context.point().name().hashCode() + context.step());
      double[] noise = new double[Math.toIntExact(value.length())];
      Arrays.setAll(noise, i -> standardDeviation * random.nextGaussian());
      return value.add(Nd4j.createFromArray(noise).reshape(value.shape()).castTo(value.dataType()));
    };
  }

  /** Repeats a mean over the axes it was taken over, and takes the part that the hook is given. */
  private static INDArray broadcast(
      ActivationCache reference, INDArray mean, INDArray value, HookContext context) {
    if (reference.tokens().isPadded()) {
      throw new IllegalArgumentException(
          "a mean over padded prompts would mix padding in: use prompts of one length");
    }
    long[] whole = mean.shape().clone();
    whole[0] = context.tokens().batch();
    if (context.point().activation().has(Dim.POS) && mean.size(1) == 1) {
      whole[1] = context.tokens().length();
    }
    INDArray part = context.partOf(mean.broadcast(whole));
    if (!Arrays.equals(part.shape(), value.shape())) {
      throw new IllegalArgumentException(
          "%s holds %s here and its mean %s: the reference needs the same number of positions"
              .formatted(
                  context.point(), Arrays.toString(value.shape()), Arrays.toString(part.shape())));
    }
    return part;
  }
}
