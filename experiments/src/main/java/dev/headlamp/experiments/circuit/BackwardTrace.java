package dev.headlamp.experiments.circuit;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.paths.PathPatching;
import dev.headlamp.hooks.paths.PathSpec;
import dev.headlamp.hooks.paths.Receiver;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Path patching from the logits backwards (Wang et al. 2022, section 3): which heads write straight
 * into the logits, which into the queries of a circuit's name movers, and so on. The patched values
 * are those of the p_ABC prompts; heads on the way are frozen, MLPs are not.
 *
 * <ol>
 *   <li>into the final residual stream at END: name movers, and negative ones, which raise the
 *       logit difference when patched;
 *   <li>into the queries of name movers at END: S-inhibition heads;
 *   <li>into the values of S-inhibition heads at S2: induction and duplicate token heads;
 *   <li>into the keys of induction heads at S1+1: previous token heads.
 * </ol>
 *
 * @param original the mean logit difference that effects are counted from
 * @param stages the stages that the circuit has heads for, above layer 0
 */
public record BackwardTrace(double original, List<PathStage> stages) {

  /** How many stages there are for a circuit that has all classes. */
  public static final int STAGES = Step.values().length;

  /** Copies the list. */
  public BackwardTrace {
    stages = List.copyOf(stages);
  }

  /**
   * Follows the paths into the heads of a circuit; a stage that it has no heads for is left out.
   *
   * @param share how much of the logit difference a head must change to be named, such as 0.02
   * @throws IllegalArgumentException if the model has not every head of the circuit
   */
  public static BackwardTrace of(
      IoiTask task, Circuit circuit, double share, SweepMonitor monitor) {
    circuit.checkedFor(task.model().config());
    return new Tracing(task, circuit, share, monitor).run();
  }

  /** One run over the stages. */
  private record Tracing(IoiTask task, Circuit circuit, double share, SweepMonitor monitor) {

    BackwardTrace run() {
      List<PathStage> stages = new ArrayList<>();
      try (PathPatching patching =
          PathPatching.of(task.model(), task.prompts(), task.reference(), task.logitDifference())) {
        for (Step step : Step.values()) {
          List<Receiver> receivers = step.receivers(circuit);
          if (!receivers.isEmpty() && !monitor.stops()) {
            stages.add(stage(patching, step, receivers));
          }
        }
        return new BackwardTrace(patching.originalMetric(), stages);
      }
    }

    private PathStage stage(PathPatching patching, Step step, List<Receiver> receivers) {
      PathSpec paths = PathSpec.into(receivers).at(task.ioi().positions(step.position));
      LabelledArray effects = patching.sweep(paths, monitor);
      double least = share * Math.abs(patching.originalMetric());
      return new PathStage(
          step.title,
          receivers,
          step.position,
          effects.named(step.title),
          beyond(effects, -1, least),
          beyond(effects, 1, least));
    }

    private List<Head> beyond(LabelledArray effects, int sign, double least) {
      Gpt2Config config = task.model().config();
      return heads(config)
          .filter(head -> sign * effects.value(head.layer(), head.index()) >= least)
          .sorted(
              Comparator.comparingDouble(head -> -sign * effects.value(head.layer(), head.index())))
          .toList();
    }
  }

  /** Returns every head of a model, layer by layer. */
  static Stream<Head> heads(Gpt2Config config) {
    return IntStream.range(0, config.nLayers())
        .boxed()
        .flatMap(
            layer -> IntStream.range(0, config.nHeads()).mapToObj(head -> new Head(layer, head)));
  }

  @SuppressWarnings("ImmutableEnumChecker") // a method reference that holds nothing
  private enum Step {
    LOGITS("1 into the logits at END", HeadRole.OTHER, IoiPosition.END, Receiver::query),
    MOVERS(
        "2 into the queries of name movers at END",
        HeadRole.NAME_MOVER,
        IoiPosition.END,
        Receiver::query),
    INHIBITION(
        "3 into the values of S-inhibition heads at S2",
        HeadRole.S_INHIBITION,
        IoiPosition.S2,
        Receiver::value),
    INDUCTION(
        "4 into the keys of induction heads at S1+1",
        HeadRole.INDUCTION,
        IoiPosition.S1_PLUS_1,
        Receiver::key);

    private final String title;
    private final HeadRole into;
    private final IoiPosition position;
    private final BiFunction<Integer, Integer, Receiver> input;

    Step(
        String title,
        HeadRole into,
        IoiPosition position,
        BiFunction<Integer, Integer, Receiver> input) {
      this.title = title;
      this.into = into;
      this.position = position;
      this.input = input;
    }

    List<Receiver> receivers(Circuit circuit) {
      return this == LOGITS
          ? List.of(Receiver.finalResidual())
          : circuit.nodes(into).stream()
              .map(CircuitNode::head)
              .distinct()
              .filter(head -> head.layer() > 0) // no head has written what layer 0 reads
              .map(head -> input.apply(head.layer(), head.index()))
              .toList();
    }
  }
}
