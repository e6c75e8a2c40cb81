package dev.headlamp.hooks;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What a run with cache keeps.
 *
 * @param points which points
 * @param positions which positions of them; an attention pattern keeps these rows
 * @param stopLayer the block to stop in front of; {@link RunSpec#ALL_LAYERS} to run to the logits
 */
public record CacheSpec(Predicate<HookPoint> points, Positions positions, int stopLayer) {

  /** Checks that nothing is missing. */
  public CacheSpec {
    Objects.requireNonNull(points, "points");
    Objects.requireNonNull(positions, "positions");
  }

  /**
   * Returns the points that TransformerLens keeps without a flag: everything but {@code attn_in},
   * the split inputs, {@code result}, {@code mlp_in} and the two of the unembedding. For GPT-2
   * small these are 177,433 + 288·pos floats for each position of each prompt.
   */
  public static CacheSpec defaults() {
    return of(point -> point.activation().cachedByDefault());
  }

  /** Returns every point there is. */
  public static CacheSpec everything() {
    return of(point -> true);
  }

  /** Returns the points that {@code points} accepts. */
  public static CacheSpec of(Predicate<HookPoint> points) {
    return new CacheSpec(points, Positions.all(), RunSpec.ALL_LAYERS);
  }

  /**
   * Returns the given points. A model that has not every one of them, or a run that stops in front
   * of one, is refused.
   */
  public static CacheSpec of(HookPoint... points) {
    return of(new OneOf(Set.copyOf(List.of(points))));
  }

  /** Returns the given kinds of points, in every layer. */
  public static CacheSpec of(Activation... activations) {
    Set<Activation> kinds = Set.copyOf(List.of(activations));
    return of(point -> kinds.contains(point.activation()));
  }

  /** Points that were named one by one: not to reach one of them is a mistake. */
  private record OneOf(Set<HookPoint> points) implements Predicate<HookPoint> {
    @Override
    public boolean test(HookPoint point) {
      return points.contains(point);
    }
  }

  /**
   * Returns the points of these names, in any form that {@link HookPoint#parse} reads.
   *
   * @throws IllegalArgumentException if the model has no such point; the message lists the nearest
   */
  public static CacheSpec named(Gpt2Config config, String... names) {
    return of(
        Arrays.stream(names).map(name -> HookPoint.parse(name, config)).toArray(HookPoint[]::new));
  }

  /** Returns this with only the given positions kept. */
  public CacheSpec at(Positions positions) {
    return new CacheSpec(points, positions, stopLayer);
  }

  /** Returns this for a run that stops in front of a block and computes no logits. */
  public CacheSpec stopAt(int layer) {
    return new CacheSpec(points, positions, layer);
  }

  /**
   * Returns the points of a model that are kept, in the order a run reaches them.
   *
   * @throws IllegalArgumentException if one that was given by name is never reached
   */
  Set<HookPoint> resolve(Gpt2Config config) {
    if (points instanceof OneOf named) {
      named.points().forEach(point -> checkReached(point.checkedFor(config)));
    }
    return HookPoint.all(config).stream()
        .filter(this::isReached)
        .filter(points)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private void checkReached(HookPoint point) {
    if (!isReached(point)) {
      throw new IllegalArgumentException(
          point + " cannot be kept: the run stops in front of layer " + stopLayer);
    }
  }

  private boolean isReached(HookPoint point) {
    if (point.activation().perLayer()) {
      return point.layer() < stopLayer;
    }
    boolean atTheEnd = point.compareTo(HookPoint.of(Activation.POS_EMBED)) > 0;
    return stopLayer == RunSpec.ALL_LAYERS || !atTheEnd;
  }

  /**
   * Returns how many bytes a cache of this kind takes, without running anything.
   *
   * @param tokens the prompts
   * @param type FLOAT or DOUBLE
   * @throws IllegalArgumentException if the model has not every point or position that is named
   */
  public long bytes(Gpt2Config config, TokenBatch tokens, DataType type) {
    Part part = Part.everything().at(positions);
    long elements = 0;
    for (HookPoint point : resolve(config)) {
      long[] whole =
          point.activation().shape(config, tokens.batch(), tokens.length(), tokens.length());
      long[] shape = part.in(point.activation(), tokens, whole).shape(whole);
      elements = Math.addExact(elements, Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }
    return Math.multiplyExact(elements, type.width());
  }
}
