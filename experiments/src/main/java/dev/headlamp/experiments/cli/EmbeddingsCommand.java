package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.experiments.embeddings.EmbeddingGeometry;
import dev.headlamp.experiments.embeddings.RowSample;
import dev.headlamp.experiments.embeddings.SelfPredictionSweep;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the embeddings lie in space, and what they predict with nothing between them. */
@Command(
    name = "embeddings",
    description = {
      "The geometry of the embeddings: norms, the mean cosine of two rows, the offset that all"
          + " rows share, before and after it is subtracted, and how many tokens the embedding"
          + " followed by the unembedding (W_E W_U) predicts to be themselves.",
      "Writes embeddings.png, .csv, .json and .html. Exit status: 0, 2 for wrong input,"
          + " 130 after Ctrl-C: what was done by then is written."
    })
final class EmbeddingsCommand implements Callable<Integer> {

  private static final String NAME = "embeddings";
  private static final int MOST_SAMPLED = 5000;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many rows to compare pair by pair. Default: ${DEFAULT-VALUE}.")
  private int sample = 1000;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Which rows to compare pair by pair. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  EmbeddingsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (sample < 2 || sample > MOST_SAMPLED) {
      throw new InputException("--sample must be 2 to %d, not %d".formatted(MOST_SAMPLED, sample));
    }
    ExperimentOutput results = ExperimentOutput.prepared(NAME, output, terminal);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      Map<String, String> facts = ModelFacts.of(hooked);
      facts.put("sample", "%d rows, seed %d".formatted(sample, seed));
      results.printStart(facts);
      Gpt2Weights weights = hooked.engine().weights();
      List<EmbeddingGeometry> geometries =
          Stream.of(weights.wE(), weights.wPos(), weights.unembedding())
              .map(table -> EmbeddingGeometry.of(table, sample, seed))
              .toList();
      RowSample rows = RowSample.draw(weights.wE(), sample, seed);
      SelfPredictionSweep prediction = selfPrediction(hooked, results, interruption);
      return results.show(EmbeddingsReport.of(hooked, facts, geometries, rows, prediction));
    }
  }

  private static SelfPredictionSweep selfPrediction(
      HookedGpt2 hooked, ExperimentOutput results, Interruption interruption) {
    try (SweepProgress progress =
        new SweepProgress("self-prediction", results.forPeople(), interruption)) {
      return SelfPredictionSweep.of(
          hooked.engine(), new WorkEstimate(progress, results.forPeople()));
    }
  }
}
