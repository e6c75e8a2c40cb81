package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.lens.LensKind;
import dev.headlamp.experiments.lens.LensReading;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.TokenRow;
import dev.headlamp.hooks.report.tokens.LogitLensTable;
import dev.headlamp.hooks.report.tokens.TokenGuess;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Puts what the lens shows into tables and pictures. */
final class LensReport {

  private static final String READING =
      """
      A row of the tables is a position, a column a state: 0_pre is the residual stream in front of
      layer 0, which is the embedding, and so on. Each cell is the token that the state would
      predict next. KL is how far what the state predicts is from what the model predicts; the
      share is that of positions at which both have the same top token. Where the plain lens shows
      nothing sensible until the end and the lens through the final block does, the stream is in
      another basis until the final block.""";

  private LensReport() {}

  /**
   * Returns the report.
   *
   * @param readings for each prompt one of each kind; of fewer prompts if it was interrupted
   */
  static ExperimentReport of(
      HookedGpt2 model, TokenBatch tokens, Map<String, String> facts, List<LensReading> readings) {
    List<ReportSection> summary = new ArrayList<>();
    List<ReportSection> details = new ArrayList<>();
    List<LabelledArray> arrays = new ArrayList<>();
    List<TokenRow> rows = new ArrayList<>();
    int kinds = LensKind.values().length;
    for (int i = 0; i < readings.size(); i++) {
      int prompt = i / kinds;
      LensReading reading = readings.get(i);
      String heading = heading(reading, prompt, tokens.batch());
      Heatmap map =
          Heatmap.of(reading.probabilities().named(heading + ": probability of the top token"))
              .withScale(ColorScale.sequential(0, 1));
      summary.add(new ReportSection.Text(heading, tokensTable(model, reading)));
      summary.add(new ReportSection.Text(heading + ", by state", statesTable(reading)));
      details.add(
          new ReportSection.Figures(heading, List.of(page(model, tokens, reading, prompt))));
      details.add(
          new ReportSection.Heatmaps(
              heading + ": probability, and distance to the output",
              List.of(map, distance(reading))));
      Stream.of(reading.probabilities(), reading.ids(), reading.divergence(), reading.agreement())
          .map(array -> array.named("prompt %d, %s".formatted(prompt + 1, array.name())))
          .forEach(arrays::add);
    }
    for (int i = 0; i < tokens.batch(); i++) {
      rows.add(TokenRow.of(Integer.toString(i + 1), ModelFacts.tokenTexts(model, tokens, i)));
    }
    details.add(0, new ReportSection.Prompts("Prompts", rows));
    details.add(new ReportSection.Text("How to read this", READING));
    return new ExperimentReport(
        "Logit lens: " + model.config().name(),
        facts,
        summary,
        details,
        arrays,
        readings.size() == tokens.batch() * kinds);
  }

  private static Heatmap distance(LensReading reading) {
    double largest = ColorScale.divergingOver(0, reading.divergence()).high();
    return Heatmap.of(reading.divergence()).withScale(ColorScale.sequential(0, largest));
  }

  private static String heading(LensReading reading, int prompt, int prompts) {
    String kind = reading.kind().toString();
    String capital = kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1);
    return prompts == 1 ? capital : "Prompt %d: %s".formatted(prompt + 1, kind);
  }

  private static String tokensTable(HookedGpt2 model, LensReading reading) {
    String[] titles =
        Stream.concat(Stream.of("position"), reading.states().labels().stream())
            .toArray(String[]::new);
    TextTable table = TextTable.of(titles);
    for (int pos = 0; pos < reading.positions().length(); pos++) {
      String[] cells = new String[titles.length];
      cells[0] = Labels.visible(reading.positions().label(pos));
      for (int state = 0; state < reading.states().length(); state++) {
        NextToken.Candidate best = reading.best(state, pos);
        cells[state + 1] =
            "%s %2.0f%%"
                .formatted(ModelFacts.quoted(model, best.token()), 100 * best.probability());
      }
      table.add(cells);
    }
    return String.join("\n", table.lines());
  }

  private static String statesTable(LensReading reading) {
    LabelledArray distance = reading.divergence().meanOver("position");
    LabelledArray share = reading.agreement();
    TextTable table = TextTable.of("state", ">mean KL, nats", ">share with the output's top token");
    for (int state = 0; state < reading.states().length(); state++) {
      table.add(
          reading.states().label(state),
          String.format(Locale.ROOT, "%.3f", distance.value(state)),
          String.format(Locale.ROOT, "%.1f %%", 100 * share.value(state)));
    }
    return String.join("\n", table.lines());
  }

  /** Returns the table for the page, which shows the other candidates under the pointer. */
  private static LogitLensTable page(
      HookedGpt2 model, TokenBatch tokens, LensReading reading, int prompt) {
    List<String> texts = IntStream.of(tokens.prompt(prompt)).mapToObj(model::tokenText).toList();
    return LogitLensTable.of(
        reading.kind().toString(),
        reading.states(),
        texts,
        (state, pos) ->
            reading.top().get(state).get(pos).stream()
                .map(next -> new TokenGuess(model.tokenText(next.token()), next.probability()))
                .toList());
  }
}
