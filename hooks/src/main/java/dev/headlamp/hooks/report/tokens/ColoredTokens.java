package dev.headlamp.hooks.report.tokens;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorLegend;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Figure;
import dev.headlamp.hooks.report.Html;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.Tag;
import java.util.List;

/**
 * A text whose tokens are coloured by a number each, such as the loss of each token or the
 * activation of a feature; the number is shown under the pointer. A token without a number ({@link
 * LabelledArray#ABSENT}) has no colour.
 *
 * <p>A page shows the first 5,000 tokens of each text, and says so where there are more.
 *
 * @param title what stands above the text
 * @param array the numbers: {@code [pos]}, or {@code [row, pos]} to colour the same text once for
 *     each row, at most 100 rows
 * @param tokens the text of each token, as many as there are positions
 * @param scale the colours of the numbers
 */
public record ColoredTokens(
    String title, LabelledArray array, List<String> tokens, ColorScale scale) implements Figure {

  private static final int MOST_TOKENS = 5_000;
  private static final int MOST_ROWS = 100;

  /**
   * @throws IllegalArgumentException if the array has not one or two axes, more than 100 rows, or
   *     another number of positions than there are tokens
   */
  public ColoredTokens {
    tokens = List.copyOf(tokens);
    int rank = array.axes().size();
    if (rank != 1 && rank != 2) {
      throw new IllegalArgumentException(
          "coloured tokens need 1 axis, or 2, but %s has %d".formatted(array, rank));
    }
    if (rank == 2 && array.shape()[0] > MOST_ROWS) {
      throw new IllegalArgumentException(
          "%s has %d rows; a page shows a text at most %d times"
              .formatted(array, array.shape()[0], MOST_ROWS));
    }
    if (array.shape()[rank - 1] != tokens.size()) {
      throw new IllegalArgumentException(
          "%s has numbers for %d positions, but there are %d tokens"
              .formatted(array, array.shape()[rank - 1], tokens.size()));
    }
  }

  /** Returns the picture of {@code array} under its own name, with white at 0. */
  public static ColoredTokens of(LabelledArray array, List<String> tokens) {
    return new ColoredTokens(array.name(), array, tokens, ColorScale.divergingOver(0, array));
  }

  /** Returns this picture in other colours. */
  public ColoredTokens withScale(ColorScale newScale) {
    return new ColoredTokens(title, array, tokens, newScale);
  }

  /** Returns the unit, and how much of the text is shown where that is not all. */
  @Override
  public String caption() {
    return Captions.of(array.unit(), MOST_TOKENS, tokens.size());
  }

  @Override
  public String markup(String id) {
    StringBuilder out = new StringBuilder();
    if (array.axes().size() == 1) {
      out.append(text(array));
    } else {
      Axis rows = array.axes().get(0);
      for (int row = 0; row < rows.length(); row++) {
        out.append(new Tag("p").with("class", "token-row").text(Labels.visible(rows.label(row))));
        out.append(text(array.slice(rows.name(), row)));
      }
    }
    return out.append(ColorLegend.markup(scale)).append('\n').toString();
  }

  @Override
  public List<LabelledArray> arrays() {
    return List.of(array);
  }

  @Override
  public String style() {
    return Html.resource(ColoredTokens.class, "tokens.css");
  }

  /** Returns the text coloured by one row of numbers. */
  private String text(LabelledArray values) {
    StringBuilder out = new StringBuilder();
    for (int pos = 0; pos < Math.min(tokens.size(), MOST_TOKENS); pos++) {
      out.append(token(pos, values.value(pos)));
    }
    return new Tag("p").with("class", "paper").around(out.toString()) + "\n";
  }

  private String token(int pos, double value) {
    String token = tokens.get(pos);
    boolean isAbsent = Double.isNaN(value);
    String number = isAbsent ? "" : Double.toString(value);
    String place = "position " + Labels.visible(Axis.positionLabel(pos, token));
    Tag span =
        new Tag("span")
            .with("class", isAbsent ? "valued absent-value" : "valued")
            .with("data-value", number)
            .with("data-tip", (isAbsent ? "no value" : number) + "\n" + place);
    if (!isAbsent) {
      span.with("style", CellColor.of(scale.rgb(value)));
    }
    // A line of the text ends where it ended for the model.
    return span.text(Labels.visible(token)) + (token.endsWith("\n") ? "<br>" : "");
  }
}
