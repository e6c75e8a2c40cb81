package dev.headlamp.hooks;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A metric whose derivative by the logits is known: where the gradients of a run begin. */
public interface DifferentiableMetric extends Metric {

  /**
   * Returns the derivative of each prompt's metric by that prompt's logits.
   *
   * @param logits the logits that {@link #reads} selects, {@code [batch, selected positions,
   *     selected tokens]}; borrowed
   * @param tokens the prompts they belong to
   * @return an array of the shape and type of the logits; owned by the caller
   */
  INDArray gradient(INDArray logits, TokenBatch tokens);

  /**
   * Returns a metric with its derivative.
   *
   * @param metric the values
   * @param gradient from the logits and the prompts to a new array each time, as {@link #gradient}
   *     says
   */
  static DifferentiableMetric of(
      Metric metric, BiFunction<INDArray, TokenBatch, INDArray> gradient) {
    return new DifferentiableMetric() {
      @Override
      public String name() {
        return metric.name();
      }

      @Override
      public LogitSelection reads() {
        return metric.reads();
      }

      @Override
      public double[] perPrompt(INDArray logits, TokenBatch tokens) {
        return metric.perPrompt(logits, tokens);
      }

      @Override
      public INDArray gradient(INDArray logits, TokenBatch tokens) {
        return gradient.apply(logits, tokens);
      }
    };
  }
}
