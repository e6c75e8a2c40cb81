package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiForm;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.experiments.ioi.scores.IoiQuantity;
import dev.headlamp.experiments.ioi.scores.IoiScores;
import dev.headlamp.experiments.verify.PublishedChecks;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.metrics.Bootstrap;
import dev.headlamp.hooks.metrics.ConfidenceInterval;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.plots.Histogram;
import dev.headlamp.hooks.report.plots.ScatterPlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What measuring IOI found.
 *
 * @param model the model
 * @param facts what is to be known of the run
 * @param seed of the bootstrap
 */
record IoiRunReport(HookedGpt2 model, Map<String, String> facts, long seed) {

  private static final int RESAMPLES = 1000;
  private static final double LEVEL = 0.95;
  private static final int EXTREMES = 5;
  private static final int BINS = 50;

  /** Wang et al. 2022 of gpt2, section 2: 100,000 prompts without BOS. */
  private static final Map<IoiQuantity, String> PAPER =
      Map.of(
          IoiQuantity.LOGIT_DIFFERENCE, "3.56",
          IoiQuantity.IO_ABOVE_S, "99.3 %",
          IoiQuantity.IO_PROBABILITY, "49 %");

  private static final String READING =
      """
      The logit difference is logit[IO] - logit[S] at the last position: above 0 where the model
      prefers the name that was said once. The intervals are 95 %% percentile bootstrap intervals
      over the prompts. The paper's figures are of gpt2, over 100,000 prompts with no
      beginning-of-sequence token; add --no-bos to compare like with like.
      A difference of a name or template from the rest is one of a few dozen prompts: draw more
      (--size) before reading anything into it.
      """
          .formatted();

  ExperimentReport of(IoiScores scores) {
    Map<String, String> all = new LinkedHashMap<>(facts);
    boolean complete = scores.measured() == scores.dataset().size();
    if (!complete) {
      all.put(
          "measured",
          "%d of %d prompts, the shortest first"
              .formatted(scores.measured(), scores.dataset().size()));
    }
    if (scores.measured() == 0) {
      return new ExperimentReport(title(), all, List.of(), List.of(), List.of(absent()), false);
    }
    List<LabelledArray> byTemplate =
        Arrays.stream(IoiQuantity.values()).map(quantity -> byTemplate(scores, quantity)).toList();
    LabelledArray byName = byName(scores);
    List<LabelledArray> arrays = new ArrayList<>(List.of(overall(scores)));
    arrays.addAll(byTemplate);
    arrays.addAll(List.of(byName, logitDifferences(scores), probabilities(scores)));
    return new ExperimentReport(
        title(),
        all,
        List.of(
            new ReportSection.Text("All prompts", overallTable(scores)),
            new ReportSection.Heatmaps(
                "By template", byTemplate.stream().map(IoiRunReport::map).toList())),
        List.of(
            new ReportSection.Figures(
                "All logit differences",
                List.of(Histogram.of("logit[IO] - logit[S]", BINS, logitDifferences(scores)))),
            new ReportSection.Text("Names that stand out", extremes(byName)),
            new ReportSection.Figures("By name", List.of(scatter(byName))),
            new ReportSection.Text("How to read this", READING)),
        arrays,
        complete);
  }

  /** Returns the picture of an array: from 0 upwards, unless something is below 0. */
  private static Heatmap map(LabelledArray array) {
    double max = array.max().orElse(0);
    return array.min().orElse(0) >= 0 && max > 0
        ? Heatmap.of(array)
            .withScale(ColorScale.sequential(0, ColorScale.divergingOver(0, array).high()))
        : Heatmap.of(array);
  }

  /** Returns a point for each name: a heat map of 99 columns could not be read. */
  private static ScatterPlot scatter(LabelledArray byName) {
    return new ScatterPlot(
        "Mean logit difference of each name, as S and as IO",
        byName.slice("role", "as S").named("as S"),
        byName.slice("role", "as IO").named("as IO"));
  }

  private static LabelledArray logitDifferences(IoiScores scores) {
    return perPrompt(IoiQuantity.LOGIT_DIFFERENCE, scores.logitDifferences());
  }

  private static LabelledArray probabilities(IoiScores scores) {
    return perPrompt(IoiQuantity.IO_PROBABILITY, scores.probabilities());
  }

  private static LabelledArray perPrompt(IoiQuantity quantity, double[] values) {
    return LabelledArray.of(
        quantity.label() + " by prompt",
        quantity.label(),
        List.of(Axis.numbered("prompt", values.length)),
        values);
  }

  private String title() {
    return "Indirect object identification: " + model.config().name();
  }

  private static LabelledArray absent() {
    return LabelledArray.of(
        "all prompts", "", List.of(Axis.of("quantity", "logit difference")), LabelledArray.ABSENT);
  }

  private static LabelledArray overall(IoiScores scores) {
    return LabelledArray.of(
        "all prompts",
        "mean over the prompts",
        List.of(
            new Axis(
                "quantity", Arrays.stream(IoiQuantity.values()).map(IoiQuantity::label).toList())),
        Arrays.stream(IoiQuantity.values()).mapToDouble(scores::mean).toArray());
  }

  private String overallTable(IoiScores scores) {
    boolean published =
        !PublishedChecks.bundled().of(model.config().name()).ofKind("ioi_sample").isEmpty();
    TextTable table =
        published
            ? TextTable.of("mean of", ">here", ">95 % interval", ">paper, no BOS")
            : TextTable.of("mean of", ">here", ">95 % interval");
    for (IoiQuantity quantity : IoiQuantity.values()) {
      ConfidenceInterval mean = scores.mean(quantity, new Bootstrap(RESAMPLES, LEVEL, seed));
      List<String> cells =
          new ArrayList<>(
              List.of(
                  quantity.label(),
                  shown(quantity, mean.estimate()),
                  shown(quantity, mean.lower()) + " to " + shown(quantity, mean.upper())));
      if (published) {
        cells.add(PAPER.get(quantity));
      }
      table.add(cells.toArray(String[]::new));
    }
    return String.join("\n", table.lines());
  }

  private static String shown(IoiQuantity quantity, double value) {
    return quantity == IoiQuantity.LOGIT_DIFFERENCE
        ? String.format(Locale.ROOT, "%.3f", value)
        : String.format(Locale.ROOT, "%.1f %%", 100 * value);
  }

  /** Returns a quantity by form and template, {@code [form, template]}. */
  private static LabelledArray byTemplate(IoiScores scores, IoiQuantity quantity) {
    List<String> numbers =
        scores.dataset().vocabulary().words().templates().stream()
            .map(template -> "" + template.number())
            .toList();
    return LabelledArray.stack(
        quantity.label() + " by template",
        new Axis("form", Arrays.stream(IoiForm.values()).map(IoiForm::name).toList()),
        Arrays.stream(IoiForm.values())
            .map(
                form ->
                    scores.meanBy(
                        "template",
                        numbers,
                        prompt -> prompt.form() == form ? "" + prompt.template().number() : "",
                        quantity))
            .toList());
  }

  /** Returns the logit difference by name, {@code [role, name]}. */
  private static LabelledArray byName(IoiScores scores) {
    IoiWords words = scores.dataset().vocabulary().words();
    List<Function<IoiPrompt, String>> roles =
        List.of(IoiPrompt::indirectObject, IoiPrompt::subject1);
    return LabelledArray.stack(
        "logit difference by name",
        Axis.of("role", "as IO", "as S"),
        roles.stream()
            .map(role -> scores.meanBy("name", words.names(), role, IoiQuantity.LOGIT_DIFFERENCE))
            .toList());
  }

  private static String extremes(LabelledArray byName) {
    TextTable table = TextTable.of("name", "logit difference", "names");
    for (String role : byName.axis("role").labels()) {
      LabelledArray means = byName.slice("role", role);
      List<LabelledArray.Cell> sorted =
          means.top(means.size()).stream()
              .sorted(Comparator.comparingDouble(LabelledArray.Cell::value))
              .toList();
      int shown = Math.min(EXTREMES, sorted.size());
      table.add(role, "lowest", cells(sorted.subList(0, shown)));
      table.add(role, "highest", cells(sorted.subList(sorted.size() - shown, sorted.size())));
    }
    return String.join("\n", table.lines());
  }

  private static String cells(List<LabelledArray.Cell> cells) {
    return String.join(
        "  ",
        cells.stream()
            .map(c -> String.format(Locale.ROOT, "%s %.2f", c.labels().get(0), c.value()))
            .toList());
  }
}
