package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.Slice;
import dev.headlamp.experiments.enumeration.tables.ConditionalMean;
import dev.headlamp.experiments.enumeration.tables.ConditionalMeans;
import dev.headlamp.experiments.enumeration.tables.Histogram;
import dev.headlamp.experiments.enumeration.tables.Statistics;
import dev.headlamp.experiments.enumeration.tables.WorstSlices;
import dev.headlamp.experiments.verify.PublishedEnumeration;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.plots.LinePlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What an enumeration tells; the terminal, the files and the JSON all speak from it.
 *
 * @param facts what is to be known of the run, in the order to show it
 * @param space the prompts
 * @param slices what is shown of: all prompts, the worst slices, then those asked for
 * @param statistics of each slice
 * @param histograms of each slice, all of the same bins
 * @param means of all prompts, by what they are made of
 * @param published what others found
 * @param publishedHere what is here what others published of slices, in their order
 */
record EnumerationReport(
    Map<String, String> facts,
    PromptSpace space,
    List<Slice> slices,
    List<Statistics> statistics,
    List<Histogram> histograms,
    ConditionalMeans means,
    Optional<PublishedEnumeration> published,
    List<Double> publishedHere) {

  private static final int MOST_BINS = 100;
  private static final int FEWEST_BINS = 20;

  /**
   * As many rows a bin has on average, or chance is all that is seen. Of all prompts a subject and
   * an indirect object have 960, enough for the most bins.
   */
  private static final int ROWS_OF_BIN = 9;

  /** So many rows a slice needs to have a shape. */
  private static final int ROWS_OF_SHAPE = 100;

  /** What a plot can tell apart. */
  private static final int MOST_LINES = 6;

  /** Computes everything that is to be told of an enumeration. */
  static EnumerationReport of(
      Map<String, String> facts,
      Enumeration rows,
      List<Slice> asked,
      Optional<PublishedEnumeration> published) {
    List<Slice> slices =
        Stream.of(List.of(Slice.all()), WorstSlices.of(rows), asked)
            .flatMap(List::stream)
            .distinct()
            .toList();
    double low = ends(rows).map(Math::floor).min(Double::compare).orElse(0.0);
    double high = ends(rows).map(Math::floor).max(Double::compare).orElse(0.0) + 1;
    List<Statistics> statistics = slices.stream().map(slice -> Statistics.of(rows, slice)).toList();
    int bins = bins(statistics);
    return new EnumerationReport(
        facts,
        rows.space(),
        slices,
        statistics,
        slices.stream().map(slice -> Histogram.of(rows, slice, low, high, bins)).toList(),
        ConditionalMeans.of(rows, Slice.all()),
        published,
        published.stream()
            .flatMap(of -> of.slices().stream())
            .map(figure -> figure.measured(rows))
            .toList());
  }

  /** The post's 100 bins if the smallest slice that is drawn has enough rows for them. */
  private static int bins(List<Statistics> statistics) {
    long fewest =
        statistics.stream()
            .mapToLong(Statistics::count)
            .filter(count -> count >= ROWS_OF_SHAPE)
            .min()
            .orElse(0);
    return (int) Math.max(FEWEST_BINS, Math.min(MOST_BINS, fewest / ROWS_OF_BIN));
  }

  /** Returns the lowest and the highest value; nothing of no rows. */
  private static Stream<Double> ends(Enumeration rows) {
    double[] ends = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (float value : rows.values()) {
      ends[0] = value < ends[0] ? value : ends[0];
      ends[1] = value > ends[1] ? value : ends[1];
    }
    return Arrays.stream(ends).boxed().filter(Double::isFinite);
  }

  /** Returns the statistics of all prompts. */
  Statistics all() {
    return statistics.get(0);
  }

  private List<String> sliceLabels() {
    return slices.stream().map(slice -> slice.label(space)).toList();
  }

  /** Returns the histograms of the slices that have enough rows to have a shape. */
  LinePlot plot() {
    List<Integer> shown =
        IntStream.range(0, slices.size())
            .filter(i -> i == 0 || statistics.get(i).count() >= ROWS_OF_SHAPE)
            .limit(MOST_LINES)
            .boxed()
            .toList();
    Axis names = new Axis("slice", shown.stream().map(i -> sliceLabels().get(i)).toList());
    Axis bins =
        new Axis(
            "logit difference, IO - S",
            Arrays.stream(histograms.get(0).middles()).mapToObj(Double::toString).toList());
    double[] percentages =
        shown.stream()
            .flatMapToDouble(i -> Arrays.stream(histograms.get(i).percentages()))
            .toArray();
    return new LinePlot(
        "Logit differences of IOI prompts",
        LabelledArray.of("histogram", "% of the prompts", List.of(names, bins), percentages));
  }

  /** Returns the conditional means, {@code [condition, column]}. */
  LabelledArray meansArray() {
    List<ConditionalMean> rows = means.rows();
    Axis conditions = new Axis("condition", rows.stream().map(ConditionalMean::label).toList());
    Axis columns =
        Axis.of(
            "column",
            "rows",
            "mean",
            "deviation",
            "below zero",
            "mean of the rest",
            "deviation of the rest",
            "mean less that of all",
            "mean less that of the rest");
    double[] values =
        rows.stream()
            .flatMapToDouble(
                row ->
                    Arrays.stream(
                        new double[] {
                          row.own().count(),
                          row.own().mean(),
                          row.own().deviation(),
                          row.own().belowZero(),
                          row.rest().mean(),
                          row.rest().deviation(),
                          row.differenceFromAll(),
                          row.differenceFromRest()
                        }))
            .toArray();
    return LabelledArray.of("conditional means", "logits", List.of(conditions, columns), values);
  }

  /** Returns the statistics by slice, {@code [slice, column]}. */
  private LabelledArray statisticsArray() {
    return LabelledArray.of(
        "slices",
        "logits",
        List.of(
            new Axis("slice", sliceLabels()),
            Axis.of("column", "rows", "mean", "deviation", "below zero")),
        statistics.stream()
            .flatMapToDouble(
                s ->
                    Arrays.stream(new double[] {s.count(), s.mean(), s.deviation(), s.belowZero()}))
            .toArray());
  }

  /** Returns the counts by slice and bin, {@code [slice, bin]}, bins labelled by their middles. */
  private LabelledArray histogramArray() {
    return LabelledArray.of(
        "histogram",
        "prompts",
        List.of(
            new Axis("slice", sliceLabels()),
            new Axis(
                "logit difference",
                Arrays.stream(histograms.get(0).middles()).mapToObj(Double::toString).toList())),
        histograms.stream()
            .flatMapToDouble(h -> h.counts().stream().mapToDouble(Long::doubleValue))
            .toArray());
  }

  /** Returns every table. */
  List<LabelledArray> arrays() {
    List<LabelledArray> arrays = new ArrayList<>();
    arrays.add(statisticsArray());
    if (!means.rows().isEmpty()) {
      arrays.add(meansArray());
    }
    arrays.add(histogramArray());
    return arrays;
  }

  /** Returns the page. */
  HtmlReport page() {
    EnumerationText text = new EnumerationText(this);
    List<ReportSection> sections = new ArrayList<>();
    sections.add(section("Slices", text.slices()));
    text.published()
        .ifPresent(table -> sections.add(section("Published figures beside ours", table)));
    sections.add(new ReportSection.Figures("Histogram", List.of(plot())));
    sections.add(section("By template, place, object, S and IO", text.means()));
    sections.add(
        new ReportSection.Text(
            "Templates",
            String.join(
                "\n",
                IntStream.range(0, space.templates().size())
                    .mapToObj(i -> (i + 1) + "  " + space.templates().get(i))
                    .toList())));
    return new HtmlReport("All IOI prompts: " + facts.get("model"), facts, sections);
  }

  private static ReportSection section(String heading, TextTable table) {
    return new ReportSection.Text(heading, String.join("\n", table.lines()));
  }
}
