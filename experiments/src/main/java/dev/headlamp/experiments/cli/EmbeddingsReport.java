package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.embeddings.EmbeddingGeometry;
import dev.headlamp.experiments.embeddings.RowSample;
import dev.headlamp.experiments.embeddings.SelfPredictionSweep;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.plots.Histogram;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Puts into tables and pictures how embeddings lie. */
final class EmbeddingsReport {

  private static final int SHOWN_TOKENS = 24;
  private static final long SHOWN_SEED = 1;
  private static final int BINS = 40;

  private static final String READING =
      """
      A mean cosine far above 0 need not mean that embeddings are alike: an offset that all rows
      share (norm of the mean, against the mean norm) gives it by itself. What is left after the
      mean row is subtracted is how alike they are. Means of cosines are over all pairs; means of
      absolute cosines are over all pairs of a sample of rows.""";

  private EmbeddingsReport() {}

  /**
   * Returns the report.
   *
   * @param geometries of W_E, W_pos and W_U
   * @param sample rows of W_E
   */
  static ExperimentReport of(
      HookedGpt2 model,
      Map<String, String> facts,
      List<EmbeddingGeometry> geometries,
      RowSample sample,
      SelfPredictionSweep prediction) {
    LabelledArray geometry =
        EmbeddingGeometry.labelled(Axis.of("embedding", "W_E", "W_pos", "W_U"), geometries);
    LabelledArray rate =
        LabelledArray.of(
            "tokens that W_E W_U predicts to be themselves",
            "",
            List.of(Axis.of("quantity", "tokens", "share")),
            prediction.tokens(),
            prediction.rate());
    List<Heatmap> maps = someTokens(model);
    return new ExperimentReport(
        "Embeddings: " + model.config().name(),
        facts,
        List.of(
            new ReportSection.Text("Geometry", table(geometry)),
            new ReportSection.Text("Self-prediction", words(prediction))),
        List.of(
            new ReportSection.Figures(
                "Cosines of pairs of rows of W_E", List.of(histogram(model, sample))),
            new ReportSection.Heatmaps("Cosines of some tokens' embeddings", maps),
            new ReportSection.Text("How to read this", READING),
            PublishedFigures.section(model, checks -> checks.ofKind("embedding"))),
        Stream.concat(Stream.of(geometry, rate), maps.stream().map(Heatmap::array)).toList(),
        prediction.tokens() == model.config().dVocab());
  }

  private static String words(SelfPredictionSweep prediction) {
    return prediction.tokens() == 0
        ? "not computed"
        : String.format(
            Locale.ROOT,
            "W_E W_U predicts the token itself for %.2f %% of %d tokens",
            100 * prediction.rate(),
            prediction.tokens());
  }

  private static String table(LabelledArray geometry) {
    TextTable table = TextTable.of("", ">W_E", ">W_pos", ">W_U");
    for (String quantity : EmbeddingGeometry.QUANTITIES) {
      String format = quantity.equals("rows") ? "%.0f" : "%.4f";
      String[] numbers =
          geometry.slice("quantity", quantity).stream()
              .mapToObj(value -> String.format(Locale.ROOT, format, value))
              .toArray(String[]::new);
      table.add(quantity, numbers[0], numbers[1], numbers[2]);
    }
    return String.join("\n", table.lines());
  }

  private static Histogram histogram(HookedGpt2 model, RowSample sample) {
    return Histogram.of(
        "cosines of %d pairs".formatted(sample.pairCosines().length),
        BINS,
        pairs("as they are", sample),
        pairs("less the mean of all", centred(model, sample)));
  }

  private static LabelledArray pairs(String name, RowSample sample) {
    double[] cosines = sample.pairCosines();
    return LabelledArray.of(
        name, "cosine", List.of(Axis.numbered("pair", cosines.length)), cosines);
  }

  private static RowSample centred(HookedGpt2 model, RowSample sample) {
    try (INDArray mean = model.engine().weights().wE().mean(0)) {
      return sample.minus(mean.toDoubleVector());
    }
  }

  /** Returns the cosines of some tokens' embeddings, as they are and less the mean of all. */
  private static List<Heatmap> someTokens(HookedGpt2 model) {
    RowSample drawn = RowSample.draw(model.engine().weights().wE(), SHOWN_TOKENS, SHOWN_SEED);
    return List.of(
        someTokens(model, "cosines, as they are", drawn),
        someTokens(model, "cosines, less the mean of all", centred(model, drawn)));
  }

  private static Heatmap someTokens(HookedGpt2 model, String name, RowSample rows) {
    List<String> tokens =
        rows.ids().stream().map(id -> id + " " + ModelFacts.quoted(model, id)).toList();
    LabelledArray array =
        LabelledArray.of(
            name,
            "cosine",
            List.of(new Axis("token", tokens), new Axis("other token", tokens)),
            Arrays.stream(rows.cosines()).flatMapToDouble(Arrays::stream).toArray());
    return Heatmap.of(array).withScale(ColorScale.diverging(0, 1));
  }
}
