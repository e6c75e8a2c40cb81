package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiForm;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiTemplate;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.experiments.ioi.log.FormOutcome;
import dev.headlamp.experiments.ioi.log.HeadKnockOut;
import dev.headlamp.experiments.ioi.log.LogTemplates;
import dev.headlamp.experiments.ioi.log.NameForm;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.KnockOutTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Repeats the research log: random names in three forms, and the knock-out of every head. */
@Command(
    name = "log",
    description = {
      "Three templates in the forms ABC, ABA and ABB over random names: which name does the model"
          + " say next? Then every head is knocked out on one prompt, its output put at the mean"
          + " over prompts of three names (ABC), and the heads are ranked by the KL divergence"
          + " that it makes.",
      "Differences are original - ablated. Writes ioi-log.png, .csv, .json and .html.",
      "The exit status is 0, 2 for wrong input, 130 after Ctrl-C: the heads done by then are"
          + " written."
    })
final class IoiLogCommand implements Callable<Integer> {

  private static final int MOST_SAMPLES = 10_000;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final IoiOptions ioi = new IoiOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "128",
      description = {
        "How many random samples of names: for each template and form, and for the baseline."
            + " Default: ${DEFAULT-VALUE}."
      })
  private int samples = 128;

  @Option(
      names = "--template",
      paramLabel = "N",
      defaultValue = "1",
      description = "The template to knock heads out on, 1 to 3. Default: ${DEFAULT-VALUE}.")
  private int template = 1;

  @Option(
      names = "--names",
      paramLabel = "A,B",
      split = ",",
      defaultValue = "Mary,John",
      description = {
        "The names to knock heads out on, in the form ABB: A is the one to be expected."
            + " Default: ${DEFAULT-VALUE}."
      })
  private List<String> names = List.of("Mary", "John");

  IoiLogCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    check();
    ExperimentOutput results = ExperimentOutput.prepared("ioi-log", output, terminal);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      IoiWords words = words();
      IoiVocabulary vocabulary = ioi.vocabulary(hooked, words);
      IoiDataset prompt = InputException.blaming(() -> prompt(vocabulary));
      Map<String, String> facts = ioi.facts(hooked, words, vocabulary);
      facts.put("samples", "%d of random names".formatted(samples));
      facts.put("prompt", prompt.prompts().get(0).text());
      facts.put("baseline", "mean of each head's z by position, over as many ABC prompts");
      results.printStart(facts);
      List<FormOutcome> outcomes = outcomes(hooked, vocabulary, results.forPeople(), interruption);
      NextToken original = InputException.blaming(() -> IoiLogReport.after(hooked, prompt));
      KnockOutTable table = knockOut(hooked, prompt, results.forPeople(), interruption);
      return results.show(new IoiLogReport(hooked, facts, prompt).of(outcomes, original, table));
    }
  }

  private void check() {
    if (samples < 1 || samples > MOST_SAMPLES) {
      throw new InputException(
          "--samples must be 1 to %d, not %d".formatted(MOST_SAMPLES, samples));
    }
    int templates = LogTemplates.all().size();
    if (template < 1 || template > templates) {
      throw new InputException("--template must be 1 to %d, not %d".formatted(templates, template));
    }
    if (names.size() != 2 || names.get(0).equals(names.get(1))) {
      throw new InputException(
          "--names needs two different names, such as Mary,John, not " + String.join(",", names));
    }
  }

  private IoiWords words() {
    IoiWords published = IoiWords.published();
    List<String> all =
        Stream.concat(published.names().stream(), names.stream()).distinct().toList();
    return published.withTemplates(LogTemplates.all()).withNames(all);
  }

  private IoiDataset prompt(IoiVocabulary vocabulary) {
    IoiWords words = vocabulary.words();
    return IoiDataset.of(
        vocabulary,
        List.of(
            new IoiPrompt(
                LogTemplates.all().get(template - 1),
                IoiForm.ABBA,
                names.get(0),
                names.get(1),
                names.get(1),
                words.places().get(0),
                words.objects().get(0))));
  }

  private List<FormOutcome> outcomes(
      HookedGpt2 hooked, IoiVocabulary vocabulary, Terminal people, Interruption interruption) {
    List<FormOutcome> outcomes = new ArrayList<>();
    int total = LogTemplates.all().size() * NameForm.values().length;
    try (SweepProgress progress = new SweepProgress("random names", people, interruption)) {
      SweepMonitor monitor = new WorkEstimate(progress, people);
      for (IoiTemplate each : LogTemplates.all()) {
        for (NameForm form : NameForm.values()) {
          if (!monitor.stops()) {
            outcomes.add(
                InputException.blaming(
                    () ->
                        FormOutcome.measure(
                            hooked,
                            vocabulary,
                            each,
                            form,
                            samples,
                            ioi.seed() + outcomes.size())));
            monitor.onProgress(outcomes.size(), total);
          }
        }
      }
    }
    return outcomes;
  }

  private KnockOutTable knockOut(
      HookedGpt2 hooked, IoiDataset prompt, Terminal people, Interruption interruption) {
    try (SweepProgress progress = new SweepProgress("heads", people, interruption)) {
      return InputException.blaming(
          () -> {
            IoiTemplate own = prompt.prompts().get(0).template();
            IoiDataset baseline = NameForm.ABC.draw(prompt.vocabulary(), own, samples, ioi.seed());
            return HeadKnockOut.run(hooked, prompt, baseline, new WorkEstimate(progress, people));
          });
    }
  }
}
