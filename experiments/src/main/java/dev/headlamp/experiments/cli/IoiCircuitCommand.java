package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitFile;
import dev.headlamp.experiments.circuit.CircuitProposal;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.study.CircuitStudy;
import dev.headlamp.experiments.circuit.study.Section;
import dev.headlamp.experiments.circuit.study.SectionResult;
import dev.headlamp.experiments.circuit.study.StudySettings;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Everything that the IOI paper asks of a circuit. */
@Command(
    name = "circuit",
    description = {
      "The circuit of the IOI paper, or one proposed for another model: path patching from the"
          + " logits backwards, faithfulness, completeness, minimality, copy scores, attention,"
          + " S-inhibition signals, backup heads, MLPs and adversarial prompts.",
      "Writes ioi-circuit.png, .csv, .json and .html, and ioi-circuit-heads.json, which --circuit"
          + " reads.",
      "The exit status is 0, 2 for wrong input, 130 after Ctrl-C: the sections that were computed"
          + " by then are written."
    })
final class IoiCircuitCommand implements Callable<Integer> {

  private static final String NAME = "ioi-circuit";
  private static final String HEADS = "ioi-circuit-heads.json";
  private static final double WORTH_SAYING_SECONDS = 3;
  private static final double NANOS = 1e9;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final IoiOptions ioi = new IoiOptions();

  @Mixin private final CircuitOptions options = new CircuitOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  IoiCircuitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    StudySettings settings = options.settings(ioi.seed());
    List<Section> sections = options.sections();
    ExperimentOutput results = ExperimentOutput.prepared(NAME, output, terminal);
    OutputFolder folder = output.folderFor(HEADS);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      Optional<Circuit> known = options.circuit(hooked.config());
      IoiTask task = task(hooked);
      Map<String, String> facts = facts(task);
      results.printStart(facts);
      try (AblatedRuns runs = InputException.blaming(() -> AblatedRuns.of(task))) {
        Watch watch = new Watch(results.forPeople(), interruption, secondsPerRun(runs));
        Optional<CircuitProposal> proposal =
            known.isPresent() ? Optional.empty() : proposal(runs, watch);
        Optional<Circuit> circuit = known.or(() -> proposal.map(CircuitProposal::circuit));
        if (circuit.isEmpty()) {
          results.forPeople().out().println("interrupted before there was a circuit");
          return ExitStatus.INTERRUPTED;
        }
        CircuitFile.write(folder.file(HEADS), circuit.get());
        CircuitStudy study = new CircuitStudy(runs, circuit.get(), settings);
        List<SectionResult> found = run(study, sections, watch);
        return results.show(
            new IoiCircuitReport(facts, circuit.get(), proposal)
                .of(found, !interruption.isRequested()));
      }
    }
  }

  /** How long a run takes, and who watches. */
  private record Watch(Terminal people, Interruption interruption, double secondsPerRun) {

    void announce(String what, long runs) {
      double seconds = runs * secondsPerRun;
      if (seconds > WORTH_SAYING_SECONDS) {
        people
            .out()
            .printf(
                "estimate           %s: at most %d runs, about %s, %d MB%n",
                what, runs, WorkEstimate.words(seconds), Pointer.physicalBytes() / 1_000_000);
        people.out().flush();
      }
    }

    SweepProgress progress(String title) {
      return new SweepProgress(title, people, interruption);
    }
  }

  private IoiTask task(HookedGpt2 hooked) {
    IoiVocabulary vocabulary = ioi.vocabulary(hooked, IoiWords.published());
    return InputException.blaming(
        () ->
            IoiTask.of(
                hooked, IoiDataset.draw(vocabulary, options.size(), ioi.seed()), ioi.seed() + 1));
  }

  private Map<String, String> facts(IoiTask task) {
    Map<String, String> facts =
        ioi.facts(task.model(), IoiWords.published(), task.ioi().vocabulary());
    facts.put(
        "prompts",
        "%d, and as many p_ABC prompts, the reference of ablation and patching"
            .formatted(task.ioi().size()));
    return facts;
  }

  private static double secondsPerRun(AblatedRuns runs) {
    long started = System.nanoTime();
    InputException.blaming(() -> runs.keeping(List.of()));
    return (System.nanoTime() - started) / NANOS;
  }

  private Optional<CircuitProposal> proposal(AblatedRuns runs, Watch watch) {
    CircuitProposal.Rule rule = options.rule();
    watch.announce("circuit", rule.mostRuns(runs.task().model().config()));
    try (SweepProgress progress = watch.progress("circuit")) {
      return InputException.blaming(() -> CircuitProposal.of(runs, rule, progress));
    }
  }

  private static List<SectionResult> run(CircuitStudy study, List<Section> sections, Watch watch) {
    watch.announce("sections", sections.stream().mapToLong(study::runsOf).sum());
    List<SectionResult> results = new ArrayList<>();
    for (Section section : sections) {
      if (watch.interruption.isRequested()) {
        break;
      }
      try (SweepProgress progress = watch.progress(section.toString())) {
        results.add(InputException.blaming(() -> study.run(section, progress)));
      }
    }
    return results;
  }
}
