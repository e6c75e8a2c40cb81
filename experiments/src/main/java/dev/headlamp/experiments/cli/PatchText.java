package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.TerminalHeatmap;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Tells people in the terminal what activation patching does and found. */
final class PatchText {

  private final Terminal terminal;

  PatchText(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Prints the model, the prompts, and what the unpatched model says. */
  void printStart(PatchReport report) {
    for (Map.Entry<String, String> fact : report.facts().entrySet()) {
      terminal
          .out()
          .printf("%s  %s%n", terminal.faint("%-17s".formatted(fact.getKey())), fact.getValue());
    }
    terminal.out().println();
    printPrompts(report);
    terminal.out().println();
    readouts(report).print(terminal);
    terminal.out().flush();
  }

  private void printPrompts(PatchReport report) {
    PatchPrompts prompts = report.prompts();
    for (int i = 0; i < prompts.count(); i++) {
      String number = "%3d ".formatted(i + 1);
      printTokens(report, i, number + "clean     ", prompts.clean(), prompts.corrupted());
      printTokens(
          report,
          i,
          " ".repeat(number.length()) + "corrupted ",
          prompts.corrupted(),
          prompts.clean());
    }
  }

  /** Prints one prompt; the tokens that differ from the other's stand out. */
  private void printTokens(
      PatchReport report, int prompt, String label, TokenBatch shown, TokenBatch other) {
    List<String> texts = ModelFacts.tokenTexts(report.model(), shown, prompt);
    int[] own = shown.prompt(prompt);
    int[] others = other.prompt(prompt);
    StringBuilder line = new StringBuilder(terminal.faint(label));
    for (int pos = 0; pos < own.length; pos++) {
      line.append(pos == 0 ? "" : terminal.faint("|"))
          .append(own[pos] == others[pos] ? texts.get(pos) : terminal.marked(texts.get(pos)));
    }
    terminal.out().println(line);
  }

  /** Returns the answers' table, a row for each prompt and two for the means. */
  static TextTable readouts(PatchReport report) {
    TextTable table =
        TextTable.of(
            ">#",
            "prompt",
            "answer",
            ">rank",
            ">logit",
            ">probability",
            "wrong",
            ">logit",
            ">difference");
    for (int i = 0; i < report.prompts().count(); i++) {
      addRow(table, report, i, "clean", report.clean().get(i));
      addRow(table, report, i, "corrupted", report.corrupted().get(i));
    }
    addMean(table, "clean", report.meanClean());
    addMean(table, "corrupted", report.meanCorrupted());
    return table;
  }

  private static void addRow(
      TextTable table, PatchReport report, int prompt, String kind, AnswerReadout readout) {
    table.add(
        kind.equals("clean") ? Integer.toString(prompt + 1) : "",
        kind,
        ModelFacts.quoted(report.model(), readout.answer().token()),
        Integer.toString(readout.answer().rank()),
        number("%.3f", readout.answer().logit()),
        number("%.2f %%", 100 * readout.answer().probability()),
        ModelFacts.quoted(report.model(), readout.wrong().token()),
        number("%.3f", readout.wrong().logit()),
        number("%+.3f", readout.logitDifference()));
  }

  private static void addMean(TextTable table, String kind, double mean) {
    table.add("", "mean " + kind, "", "", "", "", "", "", number("%+.3f", mean));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** Returns a heat map with positions as rows, whose labels are too long to stand side by side. */
  private static Heatmap upright(Heatmap map) {
    return map.columns().name().equals(PatchAxis.POS.label())
        ? new Heatmap(map.title(), transposed(map.array()), map.scale())
        : map;
  }

  private static LabelledArray transposed(LabelledArray array) {
    Axis rows = array.axes().get(0);
    Axis columns = array.axes().get(1);
    double[] values =
        IntStream.range(0, columns.length())
            .boxed()
            .flatMap(c -> IntStream.range(0, rows.length()).mapToObj(r -> array.value(r, c)))
            .mapToDouble(Double::doubleValue)
            .toArray();
    return LabelledArray.of(array.name(), array.unit(), List.of(columns, rows), values);
  }

  /** Prints the heat maps of which anything was computed, and where the files are. */
  void printResult(PatchReport report, List<Path> files) {
    TerminalHeatmap heatmap = new TerminalHeatmap(terminal.colors(), terminal.width());
    for (Heatmap map : report.heatmaps()) {
      if (map.array().max().isPresent()) {
        terminal.out().print("\n" + heatmap.render(upright(map)));
      }
    }
    terminal.out().println();
    if (!report.isComplete()) {
      terminal
          .out()
          .printf(
              "interrupted: %s patched runs were computed, the rest is absent%n",
              report.progress());
    }
    files.forEach(file -> terminal.out().println("wrote " + file));
    terminal.out().flush();
  }
}
