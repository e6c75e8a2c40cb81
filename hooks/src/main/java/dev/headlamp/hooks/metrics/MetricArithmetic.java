package dev.headlamp.hooks.metrics;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Metrics made of metrics, prompt by prompt. */
public final class MetricArithmetic {

  private MetricArithmetic() {}

  /** Returns a + b. */
  public static Metric plus(Metric a, Metric b) {
    return combined("(%s) + (%s)".formatted(a.name(), b.name()), a, b, (x, y) -> x + y);
  }

  /** Returns a − b. */
  public static Metric minus(Metric a, Metric b) {
    return combined("(%s) − (%s)".formatted(a.name(), b.name()), a, b, (x, y) -> x - y);
  }

  /** Returns factor·metric. */
  public static Metric times(double factor, Metric metric) {
    return map(factor + "·(" + metric.name() + ")", metric, x -> factor * x);
  }

  /**
   * Returns (metric − corrupted)/(clean − corrupted): 0 where the metric is as in the corrupted
   * run, 1 where it is as in the clean one.
   *
   * @throws IllegalArgumentException if both means are equal, or one is NaN
   */
  public static Metric restored(Metric metric, double cleanMean, double corruptedMean) {
    return renamed(
        "share restored of " + metric.name(), Metrics.normalised(metric, corruptedMean, cleanMean));
  }

  /**
   * Returns (metric − clean)/(clean − corrupted): 0 where the metric is as in the clean run, −1
   * where it is as in the corrupted one.
   *
   * @throws IllegalArgumentException if both means are equal, or one is NaN
   */
  public static Metric lost(Metric metric, double cleanMean, double corruptedMean) {
    return renamed(
        "share lost (0 to −1) of " + metric.name(),
        map("restored − 1", Metrics.normalised(metric, corruptedMean, cleanMean), x -> x - 1));
  }

  /**
   * Returns a metric put through a function.
   *
   * @param name what a report calls it
   */
  public static Metric map(String name, Metric metric, DoubleUnaryOperator function) {
    return Metric.of(
        name,
        metric.reads(),
        (logits, tokens) ->
            Arrays.stream(metric.perPrompt(logits, tokens)).map(function).toArray());
  }

  private static Metric renamed(String name, Metric metric) {
    return map(name, metric, DoubleUnaryOperator.identity());
  }

  /**
   * Returns a metric of two. It reads what both read, and each is given what it reads itself.
   *
   * @param name what a report calls it
   */
  public static Metric combined(String name, Metric a, Metric b, DoubleBinaryOperator operator) {
    LogitSelection both = a.reads().and(b.reads());
    return Metric.of(
        name,
        both,
        (logits, tokens) -> {
          double[] left = perPrompt(a, logits, both, tokens);
          double[] right = perPrompt(b, logits, both, tokens);
          return IntStream.range(0, left.length)
              .mapToDouble(i -> operator.applyAsDouble(left[i], right[i]))
              .toArray();
        });
  }

  private static double[] perPrompt(
      Metric metric, INDArray logits, LogitSelection selected, TokenBatch tokens) {
    INDArray own = metric.reads().outOf(logits, selected, tokens);
    try {
      return metric.perPrompt(own, tokens);
    } finally {
      if (own != logits && own.closeable()) {
        own.close();
      }
    }
  }
}
