package dev.headlamp.hooks;

import dev.headlamp.engine.Dim;
import dev.headlamp.engine.HookPoint;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
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
   * <p>When called it throws {@link IllegalArgumentException} if the cache does not hold the point,
   * or holds other numbers of prompts or positions.
   *
   * @param cache a cache of whole positions, borrowed; its run had as many prompts and positions
   */
  public static Hook replaceFrom(ActivationCache cache) {
    return (value, context) -> context.partOf(cache.get(context.point()));
  }

  /**
   * Returns a hook that puts the mean over the prompts of a reference run, position by position.
   *
   * @param reference a cache of whole positions, borrowed; its run had as many positions and no
   *     padding, and any number of prompts
   * @throws IllegalArgumentException if the reference's prompts are padded
   */
  public static Hook meanOverPrompts(ActivationCache reference) {
    checkUnpadded(reference);
    Function<HookPoint, INDArray> means = oncePerPoint(reference, 0);
    return (value, context) -> {
      INDArray mean = means.apply(context.point());
      long[] shape = mean.shape().clone();
      shape[0] = context.tokens().batch();
      return context.partOf(mean.broadcast(shape));
    };
  }

  /**
   * Returns a hook that puts the mean over the prompts and positions of a reference run.
   *
   * @param reference a cache, borrowed; its run had no padding, and any numbers of prompts and
   *     positions. For attention scores and patterns use {@link #meanOverPrompts}
   * @throws IllegalArgumentException if the reference's prompts are padded
   */
  public static Hook meanOverPromptsAndPositions(ActivationCache reference) {
    checkUnpadded(reference);
    Function<HookPoint, INDArray> means = oncePerPoint(reference, 0, 1);
    return (value, context) -> {
      if (!context.point().activation().has(Dim.POS)) {
        throw new IllegalArgumentException(
            "%s has no position axis to average over: it holds %s"
                .formatted(context.point(), context.point().activation().shapeText()));
      }
      INDArray mean = means.apply(context.point());
      long[] shape = mean.shape().clone();
      shape[0] = context.tokens().batch();
      shape[1] = context.tokens().length();
      return context.partOf(mean.broadcast(shape));
    };
  }

  /** Returns means over some axes, of which each is computed when it is first asked for. */
  private static Function<HookPoint, INDArray> oncePerPoint(
      ActivationCache reference, int... axes) {
    Map<HookPoint, INDArray> means = new ConcurrentHashMap<>();
    return point -> {
      // Asked each time, so that a closed cache is refused whether or not the mean is known.
      INDArray values = reference.get(point);
      return means.computeIfAbsent(point, p -> values.mean(true, axes).detach());
    };
  }

  private static void checkUnpadded(ActivationCache reference) {
    if (reference.tokens().isPadded()) {
      throw new IllegalArgumentException(
          "a mean over padded prompts would mix padding in: use prompts of one length");
    }
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

  /**
   * Returns a hook that multiplies by a factor.
   *
   * @throws IllegalArgumentException if it is not finite
   */
  public static Hook scale(double factor) {
    if (!Double.isFinite(factor)) {
      throw new IllegalArgumentException("a factor of " + factor + " is not finite");
    }
    return (value, context) -> value.mul(factor);
  }

  /**
   * Returns a hook that adds Gaussian noise. One seed gives one noise at a point of a step, however
   * often it is run.
   *
   * @param standardDeviation of the noise
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public static Hook noise(double standardDeviation, long seed) {
    if (!(standardDeviation >= 0) || Double.isInfinite(standardDeviation)) {
      throw new IllegalArgumentException(
          "a standard deviation of " + standardDeviation + " is not one: give a number from 0 up");
    }
    return (value, context) -> {
      Random random = new Random(mixed(seed, context));
      double[] noise = new double[Math.toIntExact(value.length())];
      Arrays.setAll(noise, i -> standardDeviation * random.nextGaussian());
      return value.add(Nd4j.createFromArray(noise).reshape(value.shape()).castTo(value.dataType()));
    };
  }

  /** Seeds that differ by little would begin with similar numbers, if they were not mixed. */
  private static long mixed(long seed, HookContext context) {
    long placed = (seed * 31 + context.point().name().hashCode()) * 31 + context.step();
    return new SplittableRandom(placed).nextLong();
  }
}
