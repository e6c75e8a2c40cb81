package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A forward run, recorded so that gradients can be carried back over it, any number of times. Holds
 * memory outside the Java heap until closed; borrows the model, which is to be closed later.
 *
 * <pre>{@code
 * try (GradientTape tape = GradientTape.record(model, tokens, LogitSelection.last(), points)) {
 *   INDArray logits = tape.logits(); // [batch, 1, d_vocab]
 *   SortedMap<HookPoint, INDArray> gradients = tape.gradients(derivativeOfMyMetric(logits));
 * }
 * }</pre>
 */
public final class GradientTape implements AutoCloseable {

  private final Gpt2 model;
  private final TokenBatch tokens;
  private final LogitSelection selection;
  private final Set<HookPoint> points;
  private final Map<HookPoint, INDArray> values;
  private final RunResult result;
  private boolean closed;

  private GradientTape(
      Gpt2 model, TokenBatch tokens, LogitSelection selection, Set<HookPoint> points, TapeTap tap) {
    this.model = model;
    this.tokens = tokens;
    this.selection = selection;
    this.points = points;
    this.values = tap.values();
    try {
      this.result = model.run(RunSpec.of(tokens).withLogits(selection).withTap(tap));
    } catch (RuntimeException | Error e) {
      tap.discard();
      throw e;
    }
  }

  /**
   * Runs the model and records what the gradients at some points need.
   *
   * @param logits the logits of which a function will be differentiated: the fewer, the faster
   * @param points where gradients will be asked for; the run is recorded from the first of them on
   * @throws IllegalArgumentException if the model has not all of the points, none is given, or the
   *     tokens or logits do not fit the model
   */
  public static GradientTape record(
      Gpt2 model, TokenBatch tokens, LogitSelection logits, Set<HookPoint> points) {
    return record(model, tokens, logits, points, Set.of());
  }

  /**
   * Runs the model and records what the gradients at some points need, and what some points held.
   *
   * @param points where gradients will be asked for
   * @param observed whose values will be asked for
   * @throws IllegalArgumentException as {@link #record(Gpt2, TokenBatch, LogitSelection, Set)}
   */
  public static GradientTape record(
      Gpt2 model,
      TokenBatch tokens,
      LogitSelection logits,
      Set<HookPoint> points,
      Set<HookPoint> observed) {
    Set<HookPoint> wanted = checked(model, points);
    Set<HookPoint> kept = Set.copyOf(observed);
    kept.forEach(point -> point.checkedFor(model.config()));
    RecordedPoints recorded = RecordedPoints.of(model.config(), wanted);
    TapeTap tap = TapeTap.recording(point -> recorded.includes(point) || kept.contains(point));
    return new GradientTape(model, tokens, logits, wanted, tap);
  }

  /**
   * Runs the model with the value of one point replaced, and records what the gradient at that
   * point needs. Gradients are there at no other point: those before it do not pass through a value
   * that was put there.
   *
   * @param value what the run goes on with, with the point's axes and of the model's type; borrowed
   *     during this call
   * @throws IllegalArgumentException if the value does not fit the point, or the point, the tokens
   *     or the logits do not fit the model
   */
  public static GradientTape recordReplacing(
      Gpt2 model, TokenBatch tokens, LogitSelection logits, HookPoint point, INDArray value) {
    Set<HookPoint> wanted = checked(model, Set.of(point));
    long[] shape = shape(model, point, tokens);
    if (!Arrays.equals(value.shape(), shape) || value.dataType() != model.dataType()) {
      throw new IllegalArgumentException(
          "%s holds %s %s: it cannot be replaced by %s %s"
              .formatted(
                  point,
                  model.dataType(),
                  Arrays.toString(shape),
                  value.dataType(),
                  Arrays.toString(value.shape())));
    }
    RecordedPoints recorded = RecordedPoints.of(model.config(), wanted);
    TapeTap tap = TapeTap.replacing(point, value, recorded::includes);
    return new GradientTape(model, tokens, logits, wanted, tap);
  }

  private static Set<HookPoint> checked(Gpt2 model, Set<HookPoint> points) {
    if (points.isEmpty()) {
      throw new IllegalArgumentException("a gradient needs at least one point to be taken at");
    }
    points.forEach(point -> point.checkedFor(model.config()));
    return Set.copyOf(points);
  }

  private static long[] shape(Gpt2 model, HookPoint point, TokenBatch tokens) {
    return point
        .activation()
        .shape(model.config(), tokens.batch(), tokens.length(), tokens.length());
  }

  /**
   * Returns the logits of the run, {@code [batch, selected positions, selected tokens]}. Owned by
   * this tape.
   *
   * @throws IllegalStateException if this tape is closed
   */
  public INDArray logits() {
    requireOpen();
    return result.logits();
  }

  /**
   * Returns what a point held, with the point's axes. Owned by this tape.
   *
   * @throws IllegalArgumentException if the point is not one of those observed
   * @throws IllegalStateException if this tape is closed
   */
  public INDArray value(HookPoint point) {
    requireOpen();
    INDArray value = values.get(point);
    if (value == null) {
      throw new IllegalArgumentException(
          point + " was not recorded: name it among the points to observe");
    }
    return value;
  }

  /**
   * Carries a gradient back from the logits to every point that was asked for.
   *
   * @param logitGradient the derivative of a scalar by each of {@link #logits}, in their shape;
   *     borrowed
   * @return its derivatives by the values of the points, with their axes and of the model's type,
   *     in the order in which a run reaches them; owned by the caller. Entries that the scalar
   *     cannot depend on, such as masked attention scores, are 0
   * @throws IllegalArgumentException if the gradient has not the shape of the logits
   * @throws IllegalStateException if this tape or the model is closed
   */
  @SuppressWarnings("try") // The scope is used by being open.
  public SortedMap<HookPoint, INDArray> gradients(INDArray logitGradient) {
    requireOpen();
    if (!Arrays.equals(logitGradient.shape(), result.logits().shape())) {
      throw new IllegalArgumentException(
          "the gradient at the logits must have their shape %s, not %s"
              .formatted(
                  Arrays.toString(result.logits().shape()),
                  Arrays.toString(logitGradient.shape())));
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      PointGradients gradients = new PointGradients(points, point -> shape(model, point, tokens));
      try {
        new BackwardPass(model, tokens, values, gradients).run(selection, logitGradient);
        return gradients.kept();
      } catch (RuntimeException | Error e) {
        gradients.discard();
        throw e;
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this gradient tape is closed");
    }
  }

  /** Frees what was recorded. Closing again has no effect. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      result.close();
      values.values().forEach(INDArray::close);
      values.clear();
    }
  }
}
