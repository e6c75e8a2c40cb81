package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.mlps.MlpAblation;
import dev.headlamp.experiments.verify.PublishedChecks;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Puts into tables and pictures what a model does without its MLPs. */
final class AblateMlpsReport {

  private static final String LOGIT_DIFFERENCE = "logit difference";

  private static final String READING =
      """
      Of GPT-2 small it is published that it names the indirect object with a logit difference of
      3.56, that knocking out MLP 0 reverses the sign, and that with all MLPs but MLP 0 knocked out
      it is -1.1 (Wang et al. 2022, arXiv 2211.00593). MLP 0 sees hardly more than the token itself
      and is often taken for a part of the embedding: what reads it then finds no tokens.""";

  private AblateMlpsReport() {}

  /**
   * Returns the report.
   *
   * @param measured {@code [ablated, quantity]}
   */
  static ExperimentReport of(HookedGpt2 model, Map<String, String> facts, LabelledArray measured) {
    LabelledArray changes = changes(measured);
    return new ExperimentReport(
        "Without MLPs: " + model.config().name(),
        facts,
        List.of(
            new ReportSection.Text("Without MLPs", table(measured)),
            new ReportSection.Text("Published figures beside ours", published(model, measured))),
        List.of(
            new ReportSection.Heatmaps("Change when ablated", maps(changes)),
            new ReportSection.Text("How to read this", READING)),
        List.of(measured, changes),
        measured.stream().noneMatch(Double::isNaN));
  }

  /** Returns what every ablation changes, ablated − as it is: {@code [quantity, ablated]}. */
  private static LabelledArray changes(LabelledArray measured) {
    Axis ablated = measured.axis("ablated");
    Axis quantities = measured.axis("quantity");
    List<String> without = ablated.labels().subList(1, ablated.length());
    double[] values =
        quantities.labels().stream()
            .map(quantity -> measured.slice("quantity", quantity))
            .flatMapToDouble(
                of ->
                    IntStream.range(1, ablated.length())
                        .mapToDouble(row -> of.value(row) - of.value(0)))
            .toArray();
    return LabelledArray.of(
        "change when ablated",
        "ablated - as it is",
        List.of(quantities, new Axis("ablated", without)),
        values);
  }

  /** Returns a heat map of one row for each quantity, since they have scales of their own. */
  private static List<Heatmap> maps(LabelledArray changes) {
    return changes.axis("quantity").labels().stream()
        .map(
            quantity ->
                LabelledArray.stack(
                    "change of the " + quantity,
                    Axis.of("quantity", quantity),
                    List.of(changes.slice("quantity", quantity))))
        .map(Heatmap::of)
        .toList();
  }

  /** Returns the paper's figures beside ours, where both are of gpt2 and of the same quantity. */
  private static String published(HookedGpt2 model, LabelledArray measured) {
    String name = model.config().name();
    if (PublishedChecks.bundled().of(name).ofKind("ioi_sample").isEmpty()
        || !measured.axis("quantity").labels().contains(LOGIT_DIFFERENCE)) {
      return "No figures of this kind are known that were published of %s.".formatted(name);
    }
    LabelledArray ours = measured.slice("quantity", LOGIT_DIFFERENCE);
    return String.join(
        "\n",
        TextTable.of("ablated", ">logit difference", "published, without BOS")
            .add("nothing", number(ours.slice("ablated", MlpAblation.NONE)), "3.56")
            .add("mlp 0", number(ours.slice("ablated", "mlp 0")), "below 0")
            .add(
                MlpAblation.ALL_BUT_FIRST,
                number(ours.slice("ablated", MlpAblation.ALL_BUT_FIRST)),
                "-1.1")
            .lines());
  }

  private static String number(LabelledArray single) {
    return number(single.value());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "." : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String table(LabelledArray measured) {
    List<String> quantities = measured.axis("quantity").labels();
    String[] titles = new String[1 + quantities.size()];
    titles[0] = "ablated";
    for (int i = 0; i < quantities.size(); i++) {
      titles[i + 1] = ">" + quantities.get(i);
    }
    TextTable table = TextTable.of(titles);
    for (String row : measured.axis("ablated").labels()) {
      LabelledArray values = measured.slice("ablated", row);
      String[] cells = new String[titles.length];
      cells[0] = row.equals(MlpAblation.NONE) ? "nothing" : row;
      for (int i = 0; i < quantities.size(); i++) {
        cells[i + 1] = number(values.value(i));
      }
      table.add(cells);
    }
    return String.join("\n", table.lines());
  }
}
