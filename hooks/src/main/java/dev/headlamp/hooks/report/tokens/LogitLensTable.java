package dev.headlamp.hooks.report.tokens;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorLegend;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Figure;
import dev.headlamp.hooks.report.Html;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a model would say after each position, if it stopped at each layer: a table whose cells show
 * the most probable token, coloured by its probability; the others are shown under the pointer.
 * Cells that name the token which does come next are outlined.
 *
 * <p>Source: nostalgebraist, "interpreting GPT: the logit lens" (2020).
 *
 * <p>A page shows the first positions, as many as make 20,000 cells, and says so where there are
 * more.
 *
 * @param title what stands above the table
 * @param layers what each row is, such as a layer, from top to bottom
 * @param tokens the text of the token at each position
 * @param guesses for each row and each position the candidates, the most probable first; at least
 *     one, and at most 100
 */
public record LogitLensTable(
    String title, Axis layers, List<String> tokens, List<List<List<TokenGuess>>> guesses)
    implements Figure {

  private static final int MOST_CELLS = 20_000;
  private static final int MOST_GUESSES = 100;
  private static final ColorScale SCALE = ColorScale.sequential(0, 1);

  /** Gives the candidates of one cell, the most probable first. */
  @FunctionalInterface
  public interface Guesses {

    /** Returns the candidates after position {@code pos}, as seen from row {@code layer}. */
    List<TokenGuess> at(int layer, int pos);
  }

  /**
   * @throws IllegalArgumentException unless every row has candidates at every position, the most
   *     probable first
   */
  public LogitLensTable {
    tokens = List.copyOf(tokens);
    guesses = guesses.stream().map(row -> row.stream().map(List::copyOf).toList()).toList();
    if (tokens.isEmpty() || guesses.size() != layers.length()) {
      throw new IllegalArgumentException(
          "'%s' has %d tokens, and %d rows for the %d labels of '%s'; it needs tokens, and a row for each label"
              .formatted(title, tokens.size(), guesses.size(), layers.length(), layers.name()));
    }
    for (int layer = 0; layer < guesses.size(); layer++) {
      checkRow(layers.label(layer), tokens.size(), guesses.get(layer));
    }
  }

  /** Returns the table whose cells {@code guesses} gives. */
  public static LogitLensTable of(String title, Axis layers, List<String> tokens, Guesses guesses) {
    List<List<List<TokenGuess>>> rows = new ArrayList<>();
    for (int layer = 0; layer < layers.length(); layer++) {
      List<List<TokenGuess>> row = new ArrayList<>();
      for (int pos = 0; pos < tokens.size(); pos++) {
        row.add(guesses.at(layer, pos));
      }
      rows.add(row);
    }
    return new LogitLensTable(title, layers, tokens, rows);
  }

  private static void checkRow(String layer, int positions, List<List<TokenGuess>> row) {
    if (row.size() != positions) {
      throw new IllegalArgumentException(
          "row '%s' has %d cells for %d tokens".formatted(layer, row.size(), positions));
    }
    for (int pos = 0; pos < row.size(); pos++) {
      List<TokenGuess> cell = row.get(pos);
      boolean sorted = true;
      for (int i = 1; i < cell.size(); i++) {
        sorted &= cell.get(i - 1).probability() >= cell.get(i).probability();
      }
      if (cell.isEmpty() || cell.size() > MOST_GUESSES || !sorted) {
        throw new IllegalArgumentException(
            "row '%s' has at position %d %d candidates%s; a cell needs 1 to %d, the most probable first"
                .formatted(
                    layer, pos, cell.size(), sorted ? "" : " in another order", MOST_GUESSES));
      }
    }
  }

  /** Returns what colours and outlines mean, and what is cut. */
  @Override
  public String caption() {
    return Captions.of(
        "colour: probability of the most probable token; outlined: the token that comes next",
        shown(),
        tokens.size());
  }

  /** Returns the probability of the most probable token: {@code [layer, position]}. */
  @Override
  public List<LabelledArray> arrays() {
    double[] best =
        guesses.stream()
            .flatMap(List::stream)
            .mapToDouble(cell -> cell.get(0).probability())
            .toArray();
    List<Axis> axes = List.of(layers, Axis.positions("position", tokens));
    return List.of(LabelledArray.of(title, "probability of the most probable token", axes, best));
  }

  @Override
  public String style() {
    return Html.resource(LogitLensTable.class, "tokens.css");
  }

  @Override
  public String markup(String id) {
    StringBuilder head = new StringBuilder(new Tag("th").text(Labels.visible(layers.name())));
    for (int pos = 0; pos < shown(); pos++) {
      String token = Labels.visible(Axis.positionLabel(pos, tokens.get(pos)));
      head.append(
          new Tag("th")
              .with("data-tip", token)
              .around(new Tag("small").text(Integer.toString(pos)) + shownToken(tokens.get(pos))));
    }
    StringBuilder rows = new StringBuilder(new Tag("tr").around(head.toString()));
    for (int layer = 0; layer < layers.length(); layer++) {
      rows.append('\n').append(row(layer));
    }
    return new Tag("div")
            .with("class", "scroll")
            .around(new Tag("table").with("class", "lens").around(rows.toString()))
        + ColorLegend.markup(SCALE)
        + "\n";
  }

  private int shown() {
    return Math.min(tokens.size(), Math.max(1, MOST_CELLS / layers.length()));
  }

  private String row(int layer) {
    String label = Labels.visible(layers.label(layer));
    StringBuilder cells = new StringBuilder(new Tag("th").with("scope", "row").text(label));
    for (int pos = 0; pos < shown(); pos++) {
      cells.append(cell(label, pos, guesses.get(layer).get(pos)));
    }
    return new Tag("tr").around(cells.toString());
  }

  private String cell(String layer, int pos, List<TokenGuess> candidates) {
    TokenGuess best = candidates.get(0);
    boolean comesNext = pos + 1 < tokens.size() && best.token().equals(tokens.get(pos + 1));
    String place =
        "%s %s, after %s"
            .formatted(
                Labels.visible(layers.name()),
                layer,
                Labels.visible(Axis.positionLabel(pos, tokens.get(pos))));
    String list = candidates.stream().map(LogitLensTable::line).collect(Collectors.joining("\n"));
    return new Tag("td")
        .with("class", comesNext ? "guess comes-next" : "guess")
        .with("style", CellColor.of(SCALE.rgb(best.probability())))
        .with("data-value", best.probability())
        .with("data-tip", place + "\n" + list)
        .around(shownToken(best.token()));
  }

  private static String line(TokenGuess guess) {
    return String.format(
        Locale.ROOT, "%6.2f %%  '%s'", 100 * guess.probability(), Labels.visible(guess.token()));
  }

  private static String shownToken(String token) {
    return new Tag("span").text(Labels.visible(token));
  }
}
