package dev.headlamp.experiments.lens;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.metrics.Distance;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What each state of the residual stream of one prompt predicts. The states are {@code 0_pre},
 * {@code 1_pre} and so on, and last what the model itself reads, {@code final_post}; through the
 * final block the last state is the one that enters it, and gives what the model gives.
 *
 * @param kind how the states are read
 * @param states the names of the states
 * @param positions the positions of the prompt with their tokens, as {@code 3: ' John'}
 * @param top the most probable tokens, the best first: {@code [state][position]}
 * @param divergence KL(what the model predicts ‖ what the state predicts), in nats: {@code [state,
 *     position]}
 */
public record LensReading(
    LensKind kind,
    Axis states,
    Axis positions,
    List<List<List<NextToken.Candidate>>> top,
    LabelledArray divergence) {

  /** Copies the table. */
  public LensReading {
    top = top.stream().map(List::copyOf).toList();
  }

  /**
   * Reads the states of a prompt, each divided by its own standard deviation.
   *
   * @param prompt a batch of one prompt
   * @param top how many tokens to keep of each state at each position
   * @throws IllegalArgumentException if there is more than one prompt, or it does not fit the model
   * @throws ArithmeticException if the model gives no numbers
   */
  public static LensReading of(HookedGpt2 model, TokenBatch prompt, LensKind kind, int top) {
    if (prompt.batch() != 1) {
      throw new IllegalArgumentException(
          "a lens reads one prompt at a time, not " + prompt.batch());
    }
    try (CachedRun run = model.runWithCache(prompt, CacheSpec.of(Activation.RESID_PRE))) {
      List<NextToken> output = nextTokens(run.logits(), model);
      List<String> states = new ArrayList<>();
      List<List<List<NextToken.Candidate>>> tops = new ArrayList<>();
      List<Double> divergences = new ArrayList<>();
      for (int layer = 0; layer < model.config().nLayers(); layer++) {
        INDArray state = run.cache().get(HookPoint.of(Activation.RESID_PRE, layer));
        states.add(layer + "_pre");
        add(read(model, prompt, kind, state), output, top, tops, divergences);
      }
      if (kind == LensKind.DIRECT) {
        states.add("final_post");
        add(output, output, top, tops, divergences);
      }
      Axis stateAxis = new Axis("state", states);
      Axis positions = Axis.positions("position", texts(model, prompt));
      return new LensReading(
          kind,
          stateAxis,
          positions,
          tops,
          LabelledArray.of(
              kind + ": " + Distance.KL.label("output", "state"),
              "nats",
              List.of(stateAxis, positions),
              divergences.stream().mapToDouble(Double::doubleValue).toArray()));
    }
  }

  private static List<NextToken> read(
      HookedGpt2 model, TokenBatch prompt, LensKind kind, INDArray state) {
    RunSpec rest = RunSpec.of(prompt).startAt(kind.entry(model.config()), state);
    try (RunResult run = model.engine().run(rest)) {
      return nextTokens(run.logits(), model);
    }
  }

  private static List<NextToken> nextTokens(INDArray logits, HookedGpt2 model) {
    List<NextToken> next =
        IntStream.range(0, Math.toIntExact(logits.size(1)))
            .mapToObj(pos -> NextToken.of(logits, 0, pos))
            .toList();
    if (next.stream().anyMatch(token -> Double.isNaN(token.logProbability(0)))) {
      throw new ArithmeticException(model.config().name() + " gives logits that are NaN");
    }
    return next;
  }

  private static void add(
      List<NextToken> state,
      List<NextToken> output,
      int top,
      List<List<List<NextToken.Candidate>>> tops,
      List<Double> divergences) {
    tops.add(state.stream().map(next -> next.top(top)).toList());
    for (int pos = 0; pos < output.size(); pos++) {
      divergences.add(Distance.KL.between(output.get(pos), state.get(pos)));
    }
  }

  private static List<String> texts(HookedGpt2 model, TokenBatch prompt) {
    return IntStream.of(prompt.prompt(0)).mapToObj(model::tokenText).toList();
  }

  /** Returns the most probable token of a state at a position. */
  public NextToken.Candidate best(int state, int position) {
    return top.get(state).get(position).get(0);
  }

  /** Returns the probability of each best token: {@code [state, position]}. */
  public LabelledArray probabilities() {
    return ofBest("probability of the top token", "probability", NextToken.Candidate::probability);
  }

  /** Returns the id of each best token: {@code [state, position]}. */
  public LabelledArray ids() {
    return ofBest("id of the top token", "token id", NextToken.Candidate::token);
  }

  private LabelledArray ofBest(
      String what, String unit, ToDoubleFunction<NextToken.Candidate> value) {
    double[] values =
        top.stream()
            .flatMap(List::stream)
            .mapToDouble(candidates -> value.applyAsDouble(candidates.get(0)))
            .toArray();
    return LabelledArray.of(kind + ": " + what, unit, List.of(states, positions), values);
  }

  /**
   * Returns the share of positions at which a state's best token is the model's: {@code [state]}.
   */
  public LabelledArray agreement() {
    int output = top.size() - 1;
    double[] shares =
        IntStream.range(0, top.size())
            .mapToDouble(
                state ->
                    IntStream.range(0, positions.length())
                        .map(pos -> best(state, pos).token() == best(output, pos).token() ? 1 : 0)
                        .average()
                        .orElseThrow())
            .toArray();
    return LabelledArray.of(
        kind + ": share of positions whose top token is the output's",
        "share",
        List.of(states),
        shares);
  }
}
