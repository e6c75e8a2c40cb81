package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A scalar whose derivative is known: a weighted sum of logits, with random weights.
 *
 * @param selection the logits
 * @param weights in the shape of the selected logits
 */
record LinearMetric(LogitSelection selection, INDArray weights) {

  static LinearMetric of(Gpt2 model, TokenBatch tokens, LogitSelection selection, Random random) {
    try (RunResult run = model.run(RunSpec.of(tokens).withLogits(selection))) {
      return new LinearMetric(selection, random(model, random, run.logits().shape()));
    }
  }

  /** Returns normally distributed numbers. */
  static INDArray random(Gpt2 model, Random random, long... shape) {
    INDArray result = Nd4j.create(model.dataType(), shape, 'c');
    for (long i = 0; i < result.length(); i++) {
      result.putScalar(i, random.nextGaussian());
    }
    return result;
  }

  double of(INDArray logits) {
    return logits.mul(weights).sumNumber().doubleValue();
  }

  /** Returns the metric of a run in which one point's value is changed. */
  double ofRunWith(Gpt2 model, TokenBatch tokens, HookPoint point, UnaryOperator<INDArray> edit) {
    RunSpec spec = RunSpec.of(tokens).withLogits(selection).withTap(new OneEdit(point, edit));
    try (RunResult run = model.run(spec)) {
      return of(run.logits());
    }
  }

  /**
   * Returns how fast the metric grows as a point's value moves from {@code value} in a direction,
   * by a central difference.
   */
  double slope(Gpt2 model, TokenBatch tokens, HookPoint point, INDArray value, INDArray direction) {
    double step = 1e-6;
    double after = ofRunWith(model, tokens, point, held -> value.add(direction.mul(step)));
    double before = ofRunWith(model, tokens, point, held -> value.sub(direction.mul(step)));
    return (after - before) / (2 * step);
  }

  private record OneEdit(HookPoint point, UnaryOperator<INDArray> edit) implements Tap {

    @Override
    public Interest interest(HookPoint candidate) {
      return candidate.equals(point) ? Interest.EDIT : Interest.NONE;
    }

    @Override
    public INDArray offer(HookPoint candidate, INDArray value) {
      return edit.apply(value);
    }
  }
}
