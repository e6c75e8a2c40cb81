package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.IoiForm;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiTemplate;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.TokenRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What there is to see of a data set: how often each template was drawn, and some prompts. */
record IoiDatasetReport(
    HookedGpt2 model, IoiDataset ioi, Map<IoiFlip, IoiDataset> flips, Map<String, String> facts) {

  private static final int MOST_SHOWN = 12;

  /** Returns the report of a data set of which so many prompts were written. */
  ExperimentReport withPrompts(int written) {
    LabelledArray counts = counts();
    return new ExperimentReport(
        "IOI prompts: " + model.config().name(),
        facts,
        List.of(
            new ReportSection.Heatmaps(
                "Prompts of each template and form",
                List.of(
                    Heatmap.of(counts)
                        .withScale(
                            ColorScale.sequential(0, ColorScale.divergingOver(0, counts).high())))),
            new ReportSection.Text("Templates", templates()),
            new ReportSection.Text("The first prompts", firstPrompts())),
        List.of(
            new ReportSection.Prompts("Tokens; names are marked, flips below each prompt", rows())),
        List.of(counts),
        written == ioi.size());
  }

  private LabelledArray counts() {
    List<IoiTemplate> templates = ioi.vocabulary().words().templates();
    double[] counts =
        Arrays.stream(IoiForm.values())
            .flatMapToDouble(
                form -> templates.stream().mapToDouble(template -> count(template, form)))
            .toArray();
    return LabelledArray.of(
        "prompts",
        "number of prompts",
        List.of(
            new Axis("form", Stream.of(IoiForm.values()).map(IoiForm::name).toList()),
            new Axis("template", templates.stream().map(t -> "" + t.number()).toList())),
        counts);
  }

  private double count(IoiTemplate template, IoiForm form) {
    return ioi.prompts().stream()
        .filter(prompt -> prompt.template().equals(template) && prompt.form() == form)
        .count();
  }

  private String templates() {
    TextTable table = TextTable.of(">#", "BABA");
    ioi.vocabulary()
        .words()
        .templates()
        .forEach(template -> table.add("" + template.number(), template.baba()));
    return String.join("\n", table.lines());
  }

  private String firstPrompts() {
    TextTable table = TextTable.of(">#", "form", "text", "IO", ">IO at", ">S1", ">S2", ">END");
    for (int i = 0; i < shown(); i++) {
      IoiPrompt prompt = ioi.prompts().get(i);
      table.add(
          "" + (i + 1),
          prompt.form().name(),
          prompt.text(),
          prompt.indirectObject(),
          "" + ioi.position(IoiPosition.IO, i),
          "" + ioi.position(IoiPosition.S1, i),
          "" + ioi.position(IoiPosition.S2, i),
          "" + ioi.position(IoiPosition.END, i));
    }
    return String.join("\n", table.lines());
  }

  private int shown() {
    return Math.min(MOST_SHOWN, ioi.size());
  }

  private List<TokenRow> rows() {
    List<TokenRow> rows = new ArrayList<>();
    for (int i = 0; i < shown(); i++) {
      List<String> own = texts(ioi, i);
      rows.add(TokenRow.of("" + (i + 1), own));
      int prompt = i;
      flips.forEach(
          (flip, flipped) ->
              rows.add(
                  TokenRow.of((prompt + 1) + " " + flip, texts(flipped, prompt))
                      .markingDifferencesFrom(own)));
    }
    return rows;
  }

  private List<String> texts(IoiDataset dataset, int prompt) {
    return ModelFacts.tokenTexts(model, dataset.select(prompt).tokens(), 0);
  }
}
