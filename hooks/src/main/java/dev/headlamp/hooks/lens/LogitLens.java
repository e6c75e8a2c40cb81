package dev.headlamp.hooks.lens;

import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.circuits.VocabularyReadout;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The logit lens (nostalgebraist 2020, "interpreting GPT: the logit lens"): what the model would
 * predict if a state of the residual stream were its last. Each state goes through the final layer
 * norm, gain and bias included, and through the unembedding with its bias. The last state of a run
 * gives the run's logits.
 */
public final class LogitLens {

  private final AccumulatedResidual states;
  private final LayerNormScale scale;

  private LogitLens(AccumulatedResidual states, LayerNormScale scale) {
    this.states = states;
    this.scale = scale;
  }

  /** Returns a lens on some states, each divided by its own standard deviation. */
  public static LogitLens of(AccumulatedResidual states) {
    return new LogitLens(states, LayerNormScale.OWN);
  }

  /**
   * Returns this lens with another scale of the layer norm. With the cached one, the logit
   * differences of two states are what was written in between; but since the stream grows from
   * layer to layer, early states are divided by far too much, and their probabilities are too even.
   */
  public LogitLens withScale(LayerNormScale scale) {
    return new LogitLens(states, scale);
  }

  /** Returns the name of each state, as TransformerLens has them. */
  public List<String> labels() {
    return states.labels();
  }

  /**
   * Returns all logits, {@code [component, batch, pos, d_vocab]}, owned by the caller: for GPT-2
   * small 200 kB for each state at each position.
   *
   * @throws IllegalArgumentException if the cache lacks a point; the message names it
   * @throws IllegalStateException if the cache or the model is closed
   */
  public INDArray logits() {
    return Detached.call(
        () -> {
          CachedRows rows = rows();
          List<HookPoint> points = states.points();
          long[] shape = {points.size(), rows.batch(), rows.perPrompt(), vocabulary()};
          INDArray logits =
              Nd4j.createUninitialized(states.stream().model().dataType(), shape, 'c');
          for (int i = 0; i < points.size(); i++) {
            try (INDArray ofState = logits(points.get(i))) {
              logits.slice(i).assign(ofState.reshape(shape[1], shape[2], shape[3]));
            }
          }
          return logits;
        });
  }

  /**
   * Returns a logit or logit difference of each prompt: {@code [component, prompt, position]}.
   *
   * @throws IllegalArgumentException if the cache lacks a point, a token is not in the vocabulary,
   *     or there are answers for another number of prompts
   * @throws IllegalStateException if the cache or the model is closed
   */
  public LabelledArray logits(LogitTarget target) {
    return Detached.call(
        () -> {
          CachedRows rows = rows();
          Directions directions = new Directions(states.stream().directions(target));
          double[] biases = target.offsets(weights(), rows.batch());
          double[] values =
              states.points().stream()
                  .flatMapToDouble(point -> Arrays.stream(along(directions, point)))
                  .toArray();
          Arrays.setAll(values, i -> values[i] + biases[rows.promptOf(i % rows.count())]);
          return labelled(target.name(), "logits", values);
        });
  }

  private double[] along(Directions directions, HookPoint point) {
    try (INDArray normalized = normalized(point)) {
      return directions.along(normalized, rows());
    }
  }

  /**
   * Returns ln p(answer), in nats: {@code [component, prompt, position]}.
   *
   * @param answers for each prompt a token id; one serves all prompts
   * @throws IllegalArgumentException as {@link #logits(LogitTarget)}
   * @throws IllegalStateException if the cache or the model is closed
   */
  public LabelledArray logProbabilities(int... answers) {
    return ofDistribution("log-probability", "nats", answers, NextToken::logProbability);
  }

  /**
   * Returns how many tokens are more probable than the answer: {@code [component, prompt,
   * position]}.
   *
   * @param answers for each prompt a token id; one serves all prompts
   * @throws IllegalArgumentException as {@link #logits(LogitTarget)}
   * @throws IllegalStateException if the cache or the model is closed
   */
  public LabelledArray ranks(int... answers) {
    return ofDistribution("rank", "tokens before it", answers, (next, id) -> next.rank(id));
  }

  private LabelledArray ofDistribution(
      String name, String unit, int[] answers, ToDoubleBiFunction<NextToken, Integer> value) {
    CachedRows rows = rows();
    int[] each =
        IntStream.range(0, rows.batch())
            .map(prompt -> LogitTarget.answer(answers, prompt, rows.batch()))
            .map(states.stream().model().config()::checkToken)
            .toArray();
    double[] values = new double[labels().size() * rows.count()];
    forEach(
        (state, row, next) ->
            values[state * rows.count() + row] =
                value.applyAsDouble(next, each[rows.promptOf(row)]));
    return labelled(name, unit, values);
  }

  /**
   * What a state at one position predicts.
   *
   * @param label the state's name
   * @param prompt counted from 0
   * @param pos the position in the padded batch
   * @param top the most probable tokens, the best first
   */
  public record Prediction(String label, int prompt, int pos, List<NextToken.Candidate> top) {

    /** Copies the list. */
    public Prediction {
      top = List.copyOf(top);
    }
  }

  /**
   * Returns the {@code count} most probable tokens of each state at each position, state by state.
   *
   * @throws IllegalArgumentException if the cache lacks a point; the message names it
   * @throws IllegalStateException if the cache or the model is closed
   */
  public List<Prediction> top(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("the top " + count + " tokens: ask for 1 or more");
    }
    CachedRows rows = rows();
    List<String> labels = labels();
    List<Prediction> predictions = new ArrayList<>();
    forEach(
        (state, row, next) ->
            predictions.add(
                new Prediction(
                    labels.get(state), rows.promptOf(row), rows.positionOf(row), next.top(count))));
    return predictions;
  }

  private interface Visitor {
    void visit(int state, int row, NextToken next);
  }

  /** Goes through all states and rows; the logits of one state are there at a time. */
  private void forEach(Visitor visitor) {
    List<HookPoint> points = states.points();
    for (int state = 0; state < points.size(); state++) {
      HookPoint point = points.get(state);
      try (INDArray logits = Detached.call(() -> logits(point))) {
        INDArray asOnePrompt = logits.reshape('c', 1, rows().count(), vocabulary());
        for (int row = 0; row < rows().count(); row++) {
          visitor.visit(state, row, NextToken.of(asOnePrompt, 0, row));
        }
      }
    }
  }

  /** Returns the logits of one state, {@code [row, d_vocab]}, new and the caller's. */
  private INDArray logits(HookPoint point) {
    VocabularyReadout readout = VocabularyReadout.of(states.stream().model().engine());
    try (INDArray normalized = normalized(point);
        INDArray product = readout.logits(normalized)) {
      INDArray logits = product.dup('c');
      INDArray bias = weights().bU();
      return bias == null ? logits : logits.addiRowVector(bias);
    }
  }

  /** Returns one state as the unembedding would read it, {@code [row, d_model]}, the caller's. */
  private INDArray normalized(HookPoint point) {
    INDArray state = rows().of(point);
    new ReaderNorm(ResidualReader.unembedding(), states.stream().model(), rows())
        .applyToStates(state, scale);
    return state;
  }

  private LabelledArray labelled(String name, String unit, double[] values) {
    List<Axis> axes =
        List.of(new Axis("component", labels()), rows().promptAxis(), rows().positionAxis());
    return LabelledArray.of("logit lens: " + name, unit, axes, values);
  }

  private CachedRows rows() {
    return states.stream().rows();
  }

  private Gpt2Weights weights() {
    return states.stream().model().engine().weights();
  }

  private int vocabulary() {
    return states.stream().model().config().dVocab();
  }
}
