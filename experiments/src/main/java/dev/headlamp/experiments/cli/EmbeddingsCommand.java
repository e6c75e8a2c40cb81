package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.experiments.embeddings.EmbeddingGeometry;
import dev.headlamp.experiments.embeddings.RowSample;
import dev.headlamp.experiments.embeddings.SelfPredictionSweep;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;
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
  private static final int SHOWN_TOKENS = 24;
  private static final int MOST_SAMPLED = 5000;

  private static final String READING =
      """
      A mean cosine far above 0 need not mean that embeddings are alike: an offset that all rows
      share (norm of the mean, against the mean norm) gives it by itself. What is left after the
      mean row is subtracted is how alike they are. Means of cosines are over all pairs; means of
      absolute cosines are over all pairs of a sample of rows.""";

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
      Axis embeddings = Axis.of("embedding", "W_E", "W_pos", "W_U");
      LabelledArray geometry =
          EmbeddingGeometry.labelled(
              embeddings,
              List.of(
                  EmbeddingGeometry.of(weights.wE(), sample, seed),
                  EmbeddingGeometry.of(weights.wPos(), sample, seed),
                  EmbeddingGeometry.of(weights.unembedding(), sample, seed)));
      SelfPredictionSweep prediction = selfPrediction(hooked, results, interruption);
      return results.show(report(hooked, facts, geometry, prediction));
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

  private static ExperimentReport report(
      HookedGpt2 hooked,
      Map<String, String> facts,
      LabelledArray geometry,
      SelfPredictionSweep prediction) {
    LabelledArray rate =
        LabelledArray.of(
            "tokens that W_E W_U predicts to be themselves",
            "share",
            List.of(Axis.of("quantity", "tokens", "share")),
            prediction.tokens(),
            prediction.rate());
    int vocabulary = hooked.config().dVocab();
    List<Heatmap> maps = cosines(hooked);
    return new ExperimentReport(
        "Embeddings: " + hooked.config().name(),
        facts,
        List.of(
            new ReportSection.Text("Geometry", table(geometry)),
            new ReportSection.Text(
                "Self-prediction",
                "W_E W_U predicts the token itself for %.2f %% of %d tokens"
                    .formatted(100 * prediction.rate(), prediction.tokens()))),
        List.of(
            new ReportSection.Heatmaps("Cosines of some tokens' embeddings", maps),
            new ReportSection.Text("How to read this", READING),
            PublishedFigures.section(hooked, checks -> checks.ofKind("embedding"))),
        List.of(geometry, rate, maps.get(0).array(), maps.get(1).array()),
        prediction.tokens() == vocabulary);
  }

  private static String table(LabelledArray geometry) {
    TextTable table = TextTable.of("", ">W_E", ">W_pos", ">W_U");
    for (int i = 0; i < EmbeddingGeometry.QUANTITIES.size(); i++) {
      String[] cells = new String[4];
      cells[0] = EmbeddingGeometry.QUANTITIES.get(i);
      for (int embedding = 0; embedding < 3; embedding++) {
        double value = geometry.value(embedding, i);
        cells[embedding + 1] = String.format(Locale.ROOT, i == 0 ? "%.0f" : "%.4f", value);
      }
      table.add(cells);
    }
    return String.join("\n", table.lines());
  }

  /** Returns the cosines of some tokens' embeddings, as they are and less the mean of all. */
  private static List<Heatmap> cosines(HookedGpt2 hooked) {
    INDArray wE = hooked.engine().weights().wE();
    RowSample drawn = RowSample.draw(wE, SHOWN_TOKENS, 1);
    try (INDArray mean = wE.mean(0)) {
      return List.of(
          cosines(hooked, "cosines, as they are", drawn),
          cosines(hooked, "cosines, less the mean of all", drawn.minus(mean.toDoubleVector())));
    }
  }

  private static Heatmap cosines(HookedGpt2 hooked, String name, RowSample rows) {
    List<String> tokens =
        rows.ids().stream().map(id -> id + " " + ModelFacts.quoted(hooked, id)).toList();
    LabelledArray array =
        LabelledArray.of(
            name,
            "cosine",
            List.of(new Axis("token", tokens), new Axis("other token", tokens)),
            Arrays.stream(rows.cosines()).flatMapToDouble(Arrays::stream).toArray());
    return Heatmap.of(array).withScale(ColorScale.diverging(0, 1));
  }
}
