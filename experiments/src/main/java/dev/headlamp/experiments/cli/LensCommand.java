package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.lens.LensKind;
import dev.headlamp.experiments.lens.LensReading;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The logit lens at every layer of given prompts. */
@Command(
    name = "lens",
    description = {
      "The logit lens: what would the model predict if the residual stream in front of a layer"
          + " were its last? And if only the final block still ran?",
      "Prints the top token at each layer and position, and how far each state is from the output."
          + " Writes lens.png, .csv, .json and .html. Exit status: 0, 2 for wrong input,"
          + " 130 after Ctrl-C: what was done by then is written."
    })
final class LensCommand implements Callable<Integer> {

  private static final String NAME = "lens";
  private static final int MOST_TOP = 100;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final PromptOptions prompts = new PromptOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many tokens to list for each cell of the page. Default: ${DEFAULT-VALUE}.")
  private int top = 5;

  LensCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (top < 1 || top > MOST_TOP) {
      throw new InputException("--top must be 1 to %d, not %d".formatted(MOST_TOP, top));
    }
    ExperimentOutput results = ExperimentOutput.prepared(NAME, output, terminal);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      TokenBatch tokens = prompts.read(new PromptReader(hooked, prompts.bos()));
      Map<String, String> facts = ModelFacts.of(hooked);
      facts.put("prompts", "%d, %s".formatted(tokens.batch(), prompts.described(hooked)));
      facts.put("lens", "each state divided by its own standard deviation");
      results.printStart(facts);
      List<LensReading> readings = readings(hooked, tokens, results.forPeople(), interruption);
      return results.show(LensReport.of(hooked, tokens, facts, readings));
    }
  }

  /** Returns two readings of each prompt, or of as many as there are until Ctrl-C. */
  private List<LensReading> readings(
      HookedGpt2 hooked, TokenBatch tokens, Terminal people, Interruption interruption) {
    List<LensReading> readings = new ArrayList<>();
    try (SweepProgress progress = new SweepProgress("lens", people, interruption)) {
      WorkEstimate estimate = new WorkEstimate(progress, people);
      for (int i = 0; i < tokens.batch() && !progress.isCancelled(); i++) {
        TokenBatch prompt = TokenBatch.of(tokens.prompt(i));
        for (LensKind kind : LensKind.values()) {
          readings.add(InputException.blaming(() -> LensReading.of(hooked, prompt, kind, top)));
        }
        estimate.onProgress(i + 1L, tokens.batch());
      }
    }
    return readings;
  }
}
