package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.IoiPromptFiles;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws the IOI data set and writes it for other programs. */
@Command(
    name = "dataset",
    description = {
      "Draw IOI prompts and write them with their tokens and positions by meaning (IO, S1, S2,"
          + " END, ...), each with its flips: the reference ABC, S2 exchanged for IO, and others.",
      "15 templates in the forms BABA and ABBA, 99 names, 8 places, 8 objects. Writes"
          + " ioi-prompts.csv and ioi-prompts.jsonl, and ioi-dataset.png, .csv, .json and .html,"
          + " which show what was drawn. No model is run, only its tokenizer.",
      "The exit status is 0, 2 for wrong input, 130 after Ctrl-C: what was written by then stays."
    })
final class IoiDatasetCommand implements Callable<Integer> {

  private static final String CSV = "ioi-prompts.csv";
  private static final String JSON_LINES = "ioi-prompts.jsonl";

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final IoiOptions ioi = new IoiOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many prompts, 1 to 100000. Default: ${DEFAULT-VALUE}.")
  private int size = 100;

  @Option(
      names = "--flips",
      paramLabel = "FLIP",
      split = ",",
      description = {
        "Which flips to write: ${COMPLETION-CANDIDATES}; separated by commas. Default: all."
      })
  private List<IoiFlip> flips = List.of(IoiFlip.values());

  IoiDatasetCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    IoiOptions.requireSize(size);
    ExperimentOutput results = ExperimentOutput.prepared("ioi-dataset", output, terminal);
    OutputFolder folder = output.folderFor(CSV, JSON_LINES);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      IoiVocabulary vocabulary = ioi.vocabulary(hooked, IoiWords.published());
      IoiDataset dataset = IoiDataset.draw(vocabulary, size, ioi.seed());
      Map<IoiFlip, IoiDataset> flipped = new EnumMap<>(IoiFlip.class);
      flips.forEach(
          flip ->
              flipped.put(flip, InputException.blaming(() -> dataset.flipped(flip, ioi.seed()))));
      Map<String, String> facts = ioi.facts(hooked, IoiWords.published(), vocabulary);
      facts.put("prompts", "%d, in %s and %s".formatted(size, CSV, JSON_LINES));
      facts.put("flips", String.join(", ", flips.stream().map(IoiFlip::name).toList()));
      results.printStart(facts);
      int written = write(dataset, flipped, folder, results.forPeople(), interruption);
      return results.show(
          new IoiDatasetReport(hooked, dataset, flipped, facts).withPrompts(written));
    }
  }

  private static int write(
      IoiDataset dataset,
      Map<IoiFlip, IoiDataset> flipped,
      OutputFolder folder,
      Terminal people,
      Interruption interruption)
      throws IOException {
    Path csv = folder.file(CSV);
    Path json = folder.file(JSON_LINES);
    try (SweepProgress progress = new SweepProgress("writing prompts", people, interruption)) {
      int written =
          IoiPromptFiles.writeCsv(csv, dataset, flipped, new WorkEstimate(progress, people));
      people.out().println("wrote " + csv);
      written =
          Math.min(
              written,
              IoiPromptFiles.writeJsonLines(
                  json, dataset, flipped, new WorkEstimate(progress, people)));
      people.out().println("wrote " + json);
      return written;
    }
  }
}
