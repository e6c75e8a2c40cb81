package dev.headlamp.hooks;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A number for each prompt, computed from logits. */
public interface Metric {

  /** Returns what a report calls this metric. */
  String name();

  /** Returns the logits it needs: the fewer, the faster a sweep. */
  LogitSelection reads();

  /**
   * Returns the metric of each prompt.
   *
   * @param logits the logits that {@link #reads} selects, {@code [batch, selected positions,
   *     selected tokens]}; borrowed
   * @param tokens the prompts they belong to
   */
  double[] perPrompt(INDArray logits, TokenBatch tokens);

  /** Returns the mean over the prompts. */
  default double mean(INDArray logits, TokenBatch tokens) {
    return Arrays.stream(perPrompt(logits, tokens)).average().orElseThrow();
  }

  /**
   * Returns a metric of all logits.
   *
   * @param perPrompt from the logits {@code [batch, pos, d_vocab]} and the prompts to a number for
   *     each prompt
   */
  static Metric of(String name, BiFunction<INDArray, TokenBatch, double[]> perPrompt) {
    return of(name, LogitSelection.all(), perPrompt);
  }

  /** Returns a metric of the selected logits. */
  static Metric of(
      String name, LogitSelection reads, BiFunction<INDArray, TokenBatch, double[]> perPrompt) {
    return new Metric() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public LogitSelection reads() {
        return reads;
      }

      @Override
      public double[] perPrompt(INDArray logits, TokenBatch tokens) {
        return perPrompt.apply(logits, tokens);
      }
    };
  }
}
