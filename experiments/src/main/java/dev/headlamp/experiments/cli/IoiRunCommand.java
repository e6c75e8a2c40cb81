package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.experiments.ioi.scores.IoiScores;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how well a model does the IOI task. */
@Command(
    name = "run",
    description = {
      "How well does the model do IOI? The mean of logit[IO] - logit[S], the share of prompts"
          + " with IO > S, and the probability of IO: of all prompts, by template and by name.",
      "Writes ioi-run.png, .csv, .json and .html.",
      "The exit status is 0, 2 for wrong input, 130 after Ctrl-C: what was measured by then, the"
          + " shortest prompts, is written."
    })
final class IoiRunCommand implements Callable<Integer> {

  private static final int MOST_AT_ONCE = 4096;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final IoiOptions ioi = new IoiOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many prompts, 1 to 100000. Default: ${DEFAULT-VALUE}.")
  private int size = 1000;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "How many prompts run at once. Default: ${DEFAULT-VALUE}.")
  private int batch = 64;

  IoiRunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    IoiOptions.requireSize(size);
    if (batch < 1 || batch > MOST_AT_ONCE) {
      throw new InputException("--batch must be 1 to %d, not %d".formatted(MOST_AT_ONCE, batch));
    }
    ExperimentOutput results = ExperimentOutput.prepared("ioi-run", output, terminal);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      IoiVocabulary vocabulary = ioi.vocabulary(hooked, IoiWords.published());
      IoiDataset dataset = IoiDataset.draw(vocabulary, size, ioi.seed());
      Map<String, String> facts = ioi.facts(hooked, IoiWords.published(), vocabulary);
      facts.put("prompts", "%d, drawn at random, BABA and ABBA in turn".formatted(size));
      results.printStart(facts);
      return results.show(
          new IoiRunReport(hooked, facts, ioi.seed())
              .of(measure(hooked, dataset, results.forPeople(), interruption)));
    }
  }

  private IoiScores measure(
      HookedGpt2 hooked, IoiDataset dataset, Terminal people, Interruption interruption) {
    try (SweepProgress progress = new SweepProgress("prompts", people, interruption)) {
      // A first batch is slow, as the code is not compiled yet: it would spoil the estimate.
      int[] warmUp = Arrays.copyOf(dataset.byLength(), Math.min(batch, dataset.size()));
      InputException.blaming(
          () -> IoiScores.measure(hooked, dataset.select(warmUp), batch, SweepMonitor.NONE));
      WorkEstimate estimate = new WorkEstimate(progress, people);
      return InputException.blaming(() -> IoiScores.measure(hooked, dataset, batch, estimate));
    }
  }
}
