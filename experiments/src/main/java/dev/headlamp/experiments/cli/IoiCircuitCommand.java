package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitFile;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.CircuitProposal;
import dev.headlamp.experiments.circuit.Head;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.RunJournal;
import dev.headlamp.experiments.circuit.study.CircuitStudy;
import dev.headlamp.experiments.circuit.study.Section;
import dev.headlamp.experiments.circuit.study.SectionResult;
import dev.headlamp.experiments.circuit.study.StudySettings;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
          + " by then are written. Each ablated run is kept in ioi-circuit-*.runs until all is done:"
          + " stopped in whatever way, the same command goes on where it was."
    })
final class IoiCircuitCommand implements Callable<Integer> {

  private static final String NAME = "ioi-circuit";
  private static final String HEADS = "ioi-circuit-heads.json";
  private static final double WORTH_SAYING_SECONDS = 3;
  private static final double NANOS = 1e9;
  private static final long WARM_UP_NANOS = 500_000_000;
  private static final CircuitNode SOME_HEAD = new CircuitNode(new Head(0, 0), IoiPosition.END);

  /** Of what the runs depend on, in the name of the file that keeps them. */
  private static final int KEY_LENGTH = 12;

  private static final String RUNS = ".runs";

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
      Path kept = folder.file(NAME + "-" + RunJournal.keyOf(task).substring(0, KEY_LENGTH) + RUNS);
      try (RunJournal journal = InputException.blaming(() -> RunJournal.open(kept));
          AblatedRuns runs = InputException.blaming(() -> AblatedRuns.of(task, journal))) {
        sayWhatIsThere(journal, kept, results.forPeople());
        Watch watch = new Watch(results.forPeople(), interruption, secondsPerRun(runs));
        Optional<CircuitProposal> proposal =
            known.isPresent() ? Optional.empty() : proposal(runs, watch);
        Optional<Circuit> circuit = known.or(() -> proposal.map(CircuitProposal::circuit));
        if (circuit.isEmpty()) {
          results.forPeople().out().println("interrupted before there was a circuit");
          sayHowToGoOn(journal, kept, results.forPeople());
          return ExitStatus.INTERRUPTED;
        }
        CircuitFile.write(folder.file(HEADS), circuit.get());
        CircuitStudy study = new CircuitStudy(runs, circuit.get(), settings);
        List<SectionResult> found = run(study, sections, watch);
        int status =
            results.show(
                new IoiCircuitReport(facts, circuit.get(), proposal)
                    .of(found, !interruption.isRequested()));
        results.forPeople().out().println("wrote " + folder.file(HEADS));
        if (status == ExitStatus.OK) {
          Files.delete(kept);
        } else {
          sayHowToGoOn(journal, kept, results.forPeople());
        }
        return status;
      }
    }
  }

  private static void sayWhatIsThere(RunJournal journal, Path kept, Terminal people) {
    if (journal.size() > 0) {
      people.out().printf("runs there         %d, in %s%n", journal.size(), kept);
      people.out().flush();
    }
  }

  private static void sayHowToGoOn(RunJournal journal, Path kept, Terminal people) {
    people.out().printf("%d runs are kept in %s: the same command goes on%n", journal.size(), kept);
    people.out().flush();
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

  /**
   * The first runs of a process are slower than those that follow: it is the fastest that counts.
   */
  private static double secondsPerRun(AblatedRuns runs) {
    double fastest = Double.POSITIVE_INFINITY;
    long begin = System.nanoTime();
    for (int i = 0; i == 0 || System.nanoTime() - begin < WARM_UP_NANOS; i++) {
      long started = System.nanoTime();
      try (HookRegistry hooks = runs.hooksWithout(List.of(SOME_HEAD))) {
        InputException.blaming(() -> runs.logitDifference(hooks));
      }
      fastest = Math.min(fastest, (System.nanoTime() - started) / NANOS);
    }
    return fastest;
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
