package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.tables.ConditionalMean;
import dev.headlamp.experiments.enumeration.tables.Statistics;
import dev.headlamp.experiments.verify.PublishedEnumeration;
import dev.headlamp.experiments.verify.SliceFigure;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The tables of an enumeration as text. */
final class EnumerationText {

  /** Rows of the published enumerations. */
  private static final long ALL_ROWS = 9_313_920;

  private static final int EXTREMES = 8;

  private final EnumerationReport report;

  EnumerationText(EnumerationReport report) {
    this.report = report;
  }

  /** Returns the statistics of all prompts, the worst slices, and the slices asked for. */
  TextTable slices() {
    TextTable table = TextTable.of("prompts", ">rows", ">mean", ">deviation", ">below zero", ">");
    for (int i = 0; i < report.slices().size(); i++) {
      Statistics statistics = report.statistics().get(i);
      table.add(
          report.slices().get(i).label(report.space()),
          whole(statistics.count()),
          number(statistics.mean()),
          number(statistics.deviation()),
          whole(statistics.belowZero()),
          percent(statistics.shareBelowZero()));
    }
    return table;
  }

  /** Returns what others found, if they looked at this model. */
  Optional<TextTable> published() {
    return report.published().map(this::published);
  }

  private TextTable published(PublishedEnumeration of) {
    Statistics here = report.all();
    String all = "all prompts";
    TextTable table =
        TextTable.of("prompts", "", ">here", ">" + of.source())
            .add(all, "mean", number(here.mean()), number(of.mean()))
            .add(all, "deviation", number(here.deviation()), number(of.deviation()))
            .add(all, "below zero", whole(here.belowZero()), whole(of.belowZero()))
            .add(
                all,
                "share below zero",
                percent(here.shareBelowZero()),
                percent((double) of.belowZero() / ALL_ROWS));
    for (int i = 0; i < of.slices().size(); i++) {
      SliceFigure figure = of.slices().get(i);
      table.add(
          figure.prompts(),
          figure.quantity().toString(),
          number(report.publishedHere().get(i)),
          number(figure.expected().value()));
    }
    return table;
  }

  /** Returns the conditional means, lowest first. */
  TextTable means() {
    return table(report.means().sorted());
  }

  private static TextTable table(List<ConditionalMean> rows) {
    TextTable table =
        TextTable.of(
            "prompts with", ">rows", ">mean", ">deviation", ">below zero", ">", ">less the rest");
    rows.forEach(
        row ->
            table.add(
                row.label(),
                whole(row.own().count()),
                number(row.own().mean()),
                number(row.own().deviation()),
                whole(row.own().belowZero()),
                percent(row.own().shareBelowZero()),
                number(row.differenceFromRest())));
    return table;
  }

  /** Prints the main numbers. */
  void print(Terminal terminal, List<Path> files) {
    terminal.out().println();
    slices().print(terminal);
    published()
        .ifPresent(
            table -> {
              terminal.out().println();
              table.print(terminal);
            });
    List<ConditionalMean> sorted = report.means().sorted();
    int shown = Math.min(EXTREMES, sorted.size() / 2);
    terminal.out().println();
    terminal.out().println("lowest means");
    table(sorted.subList(0, shown)).print(terminal);
    terminal.out().println();
    terminal.out().println("highest means");
    table(sorted.subList(sorted.size() - shown, sorted.size())).print(terminal);
    terminal.out().println();
    files.forEach(file -> terminal.out().println("wrote " + file));
    terminal.out().flush();
  }

  static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.3f %%", 100 * share);
  }
}
