package dev.headlamp.experiments.circuit.study;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.BackwardTrace;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.HeadRole;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.PathStage;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.experiments.circuit.behaviour.AdversarialPrompts;
import dev.headlamp.experiments.circuit.behaviour.BackupHeads;
import dev.headlamp.experiments.circuit.behaviour.CopyScores;
import dev.headlamp.experiments.circuit.behaviour.MlpRoles;
import dev.headlamp.experiments.circuit.behaviour.NameAttention;
import dev.headlamp.experiments.circuit.validation.Completeness;
import dev.headlamp.experiments.circuit.validation.Faithfulness;
import dev.headlamp.experiments.circuit.validation.Minimality;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Asks of a circuit what the IOI paper asks, a section at a time.
 *
 * @param runs the task and its ablated runs; borrowed
 * @param circuit the circuit
 * @param settings how much to compute
 */
public record CircuitStudy(AblatedRuns runs, Circuit circuit, StudySettings settings) {

  private static final ColorScale PER_CENT = ColorScale.sequential(0, 100);
  private static final String NOTHING = "not computed";

  /** Returns about how many runs of the prompts a section needs. */
  public long runsOf(Section section) {
    Gpt2Config config = runs.task().model().config();
    long heads = (long) config.nLayers() * config.nHeads();
    return switch (section) {
      case PATHS -> 2 + heads;
      case FAITHFULNESS -> 3;
      case COMPLETENESS ->
          2L * (circuit.classes().size() + 2 + settings.randomSets())
              + settings.greedy().mostRuns(circuit);
      case MINIMALITY -> 2L * circuit.nodes().size();
      case COPYING -> 1 + heads / 4;
      case ATTENTION, ADVERSARIAL -> 3;
      case SIGNALS -> 20;
      case BACKUPS -> 4;
      case MLPS -> config.nLayers() + 2L;
    };
  }

  /**
   * Runs one section; what was computed when the monitor cancelled. A section that cannot be asked
   * of this model or these prompts says so, so that it costs none of the others.
   */
  public SectionResult run(Section section, SweepMonitor monitor) {
    SectionResult result;
    try {
      result = computed(section, monitor);
    } catch (IllegalArgumentException e) {
      return only(section, "not computed: " + e.getMessage());
    }
    PublishedFigures published =
        PublishedFigures.of(runs.task().model().config().name(), circuit.name());
    return new SectionResult(
        section,
        result.summary(),
        result.tables().stream().map(published::beside).toList(),
        result.pictures(),
        result.figures());
  }

  private SectionResult computed(Section section, SweepMonitor monitor) {
    return switch (section) {
      case PATHS -> paths(monitor);
      case FAITHFULNESS -> faithfulness();
      case COMPLETENESS -> completeness(monitor);
      case MINIMALITY -> minimality(monitor);
      case COPYING -> copying(monitor);
      case ATTENTION -> attention();
      case SIGNALS -> signals();
      case BACKUPS -> backups();
      case MLPS -> mlps(monitor);
      case ADVERSARIAL -> adversarial();
    };
  }

  private SectionResult paths(SweepMonitor monitor) {
    IoiTask task = runs.task();
    BackwardTrace trace = BackwardTrace.of(task, circuit, settings.pathShare(), monitor);
    List<String> summary = new ArrayList<>();
    for (PathStage stage : trace.stages()) {
      summary.add(
          "stage %s: lowering %s; raising %s"
              .formatted(stage.title(), listed(stage.found()), listed(stage.raising())));
    }
    if (trace.stages().size() < BackwardTrace.STAGES) {
      summary.add("stages into classes that the circuit has not, or only in layer 0, are left out");
    }
    return new SectionResult(
        Section.PATHS,
        summary,
        List.of(),
        trace.stages().stream().map(stage -> map(stage, trace.original())).toList(),
        List.of());
  }

  /** Returns a picture in which what is too weak for a head to be named stays pale. */
  private Heatmap map(PathStage stage, double original) {
    Heatmap map = Heatmap.of(stage.effects());
    double least = settings.pathShare() * Math.abs(original);
    return map.scale().high() >= least ? map : map.withScale(scaleTo(least));
  }

  /** Returns a scale whose ends are round numbers. */
  private static ColorScale scaleTo(double end) {
    return ColorScale.divergingOver(
        0, LabelledArray.of("end", "", List.of(Axis.of("end", "high")), end));
  }

  private SectionResult faithfulness() {
    Faithfulness faithfulness = Faithfulness.of(runs, circuit);
    String summary =
        text(
            "the circuit does %.1f %% of the task: F(M) %.3f, F(C) %.3f, with %d of %d heads",
            100 * faithfulness.share(),
            faithfulness.model(),
            faithfulness.circuit(),
            circuit.heads().size(),
            runs.task().model().config().nLayers() * runs.task().model().config().nHeads());
    return tables(Section.FAITHFULNESS, List.of(summary), faithfulness.table());
  }

  private SectionResult completeness(SweepMonitor monitor) {
    Completeness completeness =
        Completeness.of(
            runs, circuit, settings.randomSets(), settings.greedy(), settings.seed(), monitor);
    if (completeness.pairs().isEmpty()) {
      return only(Section.COMPLETENESS, NOTHING);
    }
    String summary =
        text(
            "largest difference %.3f, by %s: K = %s",
            completeness.worst().incompleteness(),
            completeness.worst().label(),
            nodes(completeness.worst().removed()));
    return new SectionResult(
        Section.COMPLETENESS,
        List.of(summary),
        List.of(completeness.table(), completeness.extremes()),
        List.of(),
        List.of(completeness.scatter()));
  }

  private SectionResult minimality(SweepMonitor monitor) {
    Minimality minimality = Minimality.of(runs, circuit, monitor);
    if (minimality.scores().isEmpty()) {
      return only(Section.MINIMALITY, NOTHING);
    }
    Minimality.Score least = minimality.least();
    String summary =
        text(
            "the least score is %.3f, of %s: %.1f %% of F(M)",
            least.value(), least.node(), 100 * least.value() / Math.abs(minimality.model()));
    return tables(Section.MINIMALITY, List.of(summary), minimality.table());
  }

  private SectionResult copying(SweepMonitor monitor) {
    CopyScores scores = CopyScores.of(runs.task(), monitor);
    ResultTable table =
        ResultTable.of("copy scores by class", "%", "copy score", "negative copy score")
            .add(
                "all heads",
                scores.positive().stream().average().orElseThrow(),
                scores.negative().stream().average().orElseThrow());
    circuit
        .classes()
        .forEach(
            heads ->
                table.add(
                    heads.toString(),
                    mean(scores.positive(), heads.nodes()),
                    mean(scores.negative(), heads.nodes())));
    return new SectionResult(
        Section.COPYING,
        List.of(
            text(
                "%.0f %% of names copied by the mean head",
                scores.positive().stream().average().orElseThrow())),
        List.of(table.toArray()),
        List.of(
            Heatmap.of(scores.positive()).withScale(PER_CENT),
            Heatmap.of(scores.negative()).withScale(PER_CENT)),
        List.of());
  }

  private static double mean(LabelledArray perHead, List<CircuitNode> nodes) {
    return nodes.stream()
        .mapToDouble(node -> perHead.value(node.head().layer(), node.head().index()))
        .average()
        .orElseThrow();
  }

  private SectionResult attention() {
    List<CircuitNode> atEnd =
        circuit.nodes().stream().filter(node -> node.position() == IoiPosition.END).toList();
    if (atEnd.isEmpty()) {
      return only(Section.ATTENTION, "the circuit has no heads at END");
    }
    NameAttention attention = NameAttention.of(runs.task(), atEnd);
    NameAttention.Row best = attention.most();
    return new SectionResult(
        Section.ATTENTION,
        List.of(text("%s attends to IO most: %.2f", best.head(), best.toIo())),
        List.of(attention.table(), attention.byClass(circuit)),
        List.of(),
        List.of(best.scatter()));
  }

  private SectionResult signals() {
    List<CircuitNode> inhibiting = circuit.nodes(HeadRole.S_INHIBITION);
    if (inhibiting.isEmpty()) {
      return only(Section.SIGNALS, "the circuit has no S-inhibition heads");
    }
    return new SignalQuestions(runs, circuit, inhibiting).answered(settings.seed());
  }

  private SectionResult backups() {
    List<CircuitNode> movers = circuit.nodes(HeadRole.NAME_MOVER);
    if (movers.isEmpty()) {
      return only(Section.BACKUPS, "the circuit has no name movers");
    }
    BackupHeads backups = BackupHeads.of(runs, movers);
    double change = 100 * (backups.knockedOut() / backups.model() - 1);
    LabelledArray table =
        ResultTable.of("name movers knocked out", "mean logit difference", "value")
            .add("F(M)", backups.model())
            .add("F(M\\name movers)", backups.knockedOut())
            .add("change, %", change)
            .toArray();
    LabelledArray.Cell most = backups.gained().top(1).get(0);
    return new SectionResult(
        Section.BACKUPS,
        List.of(
            text(
                "without %s the logit difference changes by %+.1f %%; head %s.%s changes most: %+.3f",
                nodes(movers), change, most.labels().get(0), most.labels().get(1), most.value())),
        List.of(table),
        List.of(
            Heatmap.of(backups.before()),
            Heatmap.of(backups.after()),
            Heatmap.of(backups.gained())),
        List.of());
  }

  private SectionResult mlps(SweepMonitor monitor) {
    LabelledArray table = MlpRoles.of(runs, monitor).table();
    LabelledArray.Cell most = table.slice("quantity", "change").top(1).get(0);
    return tables(
        Section.MLPS,
        List.of(text("most changes without %s: %+.3f", most.labels().get(0), most.value())),
        table);
  }

  private SectionResult adversarial() {
    AdversarialPrompts prompts = AdversarialPrompts.of(runs.task());
    return tables(
        Section.ADVERSARIAL,
        List.of(text("%d prompts could take a sentence", prompts.prompts())),
        prompts.table());
  }

  private static SectionResult tables(
      Section section, List<String> summary, LabelledArray... tables) {
    return new SectionResult(section, summary, List.of(tables), List.of(), List.of());
  }

  private static SectionResult only(Section section, String said) {
    return tables(section, List.of(said));
  }

  static String nodes(Iterable<CircuitNode> nodes) {
    List<String> texts = new ArrayList<>();
    nodes.forEach(node -> texts.add(node.toString()));
    return texts.isEmpty() ? "nothing" : String.join(", ", texts);
  }

  private static String listed(List<?> values) {
    return values.isEmpty()
        ? "none"
        : values.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
