package dev.headlamp.hooks.gradients;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.gradients.GradientTape;
import dev.headlamp.hooks.DifferentiableMetric;
import dev.headlamp.hooks.HookedGpt2;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of a metric's mean over the prompts, at the points of one run: what
 * TransformerLens' backward hooks see. Holds memory outside the Java heap until closed.
 *
 * <p>A prompt's metric depends on that prompt alone. So the rows of the batch axis are independent:
 * row b holds the gradient of prompt b's own metric, divided by the number of prompts.
 */
public final class GradientCache implements AutoCloseable {

  private final Gpt2Config config;
  private final TokenBatch tokens;
  private final double[] metric;
  private final SortedMap<HookPoint, INDArray> gradients;
  private boolean closed;

  private GradientCache(
      Gpt2Config config,
      TokenBatch tokens,
      double[] metric,
      SortedMap<HookPoint, INDArray> gradients) {
    this.config = config;
    this.tokens = tokens;
    this.metric = metric;
    this.gradients = gradients;
  }

  /**
   * Runs the model forward and backward, and keeps the gradients at the points that a run with
   * cache keeps by default.
   *
   * @throws IllegalArgumentException if the tokens or the metric do not fit the model
   */
  public static GradientCache of(HookedGpt2 model, TokenBatch tokens, DifferentiableMetric metric) {
    return of(model, tokens, metric, point -> point.activation().cachedByDefault());
  }

  /**
   * Runs the model forward, and backward as far as needed, and keeps the gradients at some points.
   *
   * @throws IllegalArgumentException if the model has not all of the points, or the tokens or the
   *     metric do not fit it
   */
  public static GradientCache of(
      HookedGpt2 model, TokenBatch tokens, DifferentiableMetric metric, HookPoint... points) {
    return of(model, tokens, metric, Set.of(points));
  }

  /**
   * Runs the model forward, and backward as far as needed, and keeps the gradients at the points
   * that {@code points} accepts.
   *
   * @throws IllegalArgumentException if it accepts none, or the tokens or the metric do not fit the
   *     model
   */
  public static GradientCache of(
      HookedGpt2 model,
      TokenBatch tokens,
      DifferentiableMetric metric,
      Predicate<HookPoint> points) {
    return of(
        model,
        tokens,
        metric,
        HookPoint.all(model.config()).stream().filter(points).collect(Collectors.toSet()));
  }

  private static GradientCache of(
      HookedGpt2 model, TokenBatch tokens, DifferentiableMetric metric, Set<HookPoint> points) {
    try (GradientTape tape = GradientTape.record(model.engine(), tokens, metric.reads(), points)) {
      return over(tape, model.config(), tokens, metric);
    }
  }

  /** Returns the gradients at the points of a tape, borrowed during this call. */
  static GradientCache over(
      GradientTape tape, Gpt2Config config, TokenBatch tokens, DifferentiableMetric metric) {
    double[] values = metric.perPrompt(tape.logits(), tokens);
    INDArray ofEachPrompt = metric.gradient(tape.logits(), tokens);
    try (INDArray ofMean = ofEachPrompt.div(tokens.batch())) {
      return new GradientCache(config, tokens, values, tape.gradients(ofMean));
    } finally {
      // A metric may have returned a view, or what it was lent, and neither is to be closed.
      if (ofEachPrompt.closeable() && ofEachPrompt != tape.logits()) {
        ofEachPrompt.close();
      }
    }
  }

  /** Returns the prompts that were run. */
  public TokenBatch tokens() {
    return tokens;
  }

  /** Returns the metric of each prompt. The array is the caller's own. */
  public double[] metric() {
    return metric.clone();
  }

  /** Returns the metric's mean over the prompts: what was differentiated. */
  public double meanMetric() {
    return Arrays.stream(metric).average().orElseThrow();
  }

  /** Returns the points held, in the order the run reached them; none after closing. */
  public Set<HookPoint> points() {
    return Collections.unmodifiableSet(gradients.keySet());
  }

  /** Returns whether the gradient at a point is held. */
  public boolean has(HookPoint point) {
    return gradients.containsKey(point);
  }

  /**
   * Returns the gradient at a point, with the point's axes and of the model's type. Owned by this
   * cache: do not write into it, and do not use it after closing.
   *
   * @throws IllegalArgumentException if the gradient there was not kept
   * @throws IllegalStateException if this cache is closed
   */
  public INDArray get(HookPoint point) {
    if (closed) {
      throw new IllegalStateException(
          "this cache is closed: it no longer holds the gradient at " + point);
    }
    INDArray gradient = gradients.get(point);
    if (gradient == null) {
      throw new IllegalArgumentException(
          "the gradient at %s is not in this cache of %d: name the point when the cache is made"
              .formatted(point, gradients.size()));
    }
    return gradient;
  }

  /**
   * Returns the gradient at a point, by TransformerLens' name of it or any short form that {@link
   * HookPoint#parse} reads.
   *
   * @throws IllegalArgumentException if the model has no such point, or it was not kept
   */
  public INDArray get(String name) {
    return get(HookPoint.parse(name, config));
  }

  /**
   * Returns the gradients of the prompts' own metrics at a point: row b of the batch axis is the
   * gradient of prompt b's metric, not of the mean. Owned by the caller.
   *
   * @throws IllegalArgumentException if the gradient there was not kept
   */
  public INDArray perPrompt(HookPoint point) {
    return get(point).mul(tokens.batch());
  }

  /** Returns the bytes held outside the Java heap; 0 after closing. */
  public long bytes() {
    return gradients.values().stream().mapToLong(v -> v.length() * v.dataType().width()).sum();
  }

  /** Frees the gradients. Closing again has no effect. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      gradients.values().forEach(INDArray::close);
      gradients.clear();
    }
  }
}
