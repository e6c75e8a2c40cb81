package dev.headlamp.hooks.report.attention;

import dev.headlamp.hooks.report.ColorLegend;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Html;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.hooks.report.Tag;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Attention patterns as HTML. The patterns themselves are painted by {@code attention.js} from the
 * packed numbers; everything that is text is written here.
 */
final class AttentionMarkup {

  private static final int LARGEST_CELL = 24;
  private static final int LARGEST_SIDE = 480;
  private static final int LONGEST_LABEL = 14;
  private static final int CHARACTER_WIDTH = 7;
  private static final int LABEL_HEIGHT = 13;
  private static final int HALF_TEXT = 4;
  private static final int GAP = 6;

  private final AttentionPatterns patterns;
  private final String id;
  private final List<String> tokens;
  private final int cell;
  private final int side;
  private final int labels;

  AttentionMarkup(AttentionPatterns patterns, String id) {
    this.patterns = patterns;
    this.id = id;
    this.tokens = patterns.tokens().subList(0, patterns.shownPositions());
    this.cell = Math.max(1, Math.min(LARGEST_CELL, LARGEST_SIDE / tokens.size()));
    this.side = cell * tokens.size();
    this.labels = Math.min(LONGEST_LABEL, Labels.widest(tokens)) * CHARACTER_WIDTH + GAP;
  }

  String markup() {
    ColorScale scale = patterns.scale();
    String stops =
        scale.palette().stops().stream().map(ColorScale::css).collect(Collectors.joining(" "));
    return new Tag("div")
            .with("class", "attention")
            .with("data-positions", tokens.size())
            .with("data-low", scale.low())
            .with("data-high", scale.high())
            .with("data-stops", stops)
            .with("data-absent", ColorScale.css(ColorScale.ABSENT_RGB))
            .around("\n" + heads() + matrix() + attended() + numbers())
        + "\n";
  }

  /** Returns the small patterns, a row for each layer. */
  private String heads() {
    int columns = patterns.headAxis().length();
    StringBuilder out = new StringBuilder(new Tag("span").text(""));
    for (String head : patterns.headAxis().labels()) {
      out.append(new Tag("span").with("class", "head-number").text(Labels.visible(head)));
    }
    for (String layer : patterns.layerAxis().labels()) {
      out.append('\n');
      out.append(new Tag("span").with("class", "layer-number").text(Labels.visible(layer)));
      for (String head : patterns.headAxis().labels()) {
        String name = Labels.visible(layer + "." + head);
        out.append(
            new Tag("button")
                .with("type", "button")
                .with("class", "head")
                .with("data-head", name)
                .with("data-tip", "head " + name)
                .with("aria-label", "head " + name)
                .with("aria-pressed", false)
                .around(new Tag("canvas").text("")));
      }
    }
    String grid =
        new Tag("div")
            .with("class", "heads")
            .with("style", "grid-template-columns:auto repeat(" + columns + ",auto)")
            .around(out.toString());
    return part(
        "heads-part",
        "Heads, by " + axes(),
        scrolling(grid) + ColorLegend.markup(patterns.scale()));
  }

  private String axes() {
    return Html.label(patterns.layerAxis().name())
        + " (down) and "
        + Html.label(patterns.headAxis().name())
        + " (right)";
  }

  /** Returns the pattern of the chosen head with its tokens on both axes. */
  private String matrix() {
    StringBuilder rows = new StringBuilder();
    StringBuilder columns = new StringBuilder();
    int step = (LABEL_HEIGHT + cell - 1) / cell;
    for (int pos = 0; pos < tokens.size(); pos += step) {
      String token = Labels.shortened(tokens.get(pos), LONGEST_LABEL);
      int middle = pos * cell + cell / 2;
      rows.append(label(pos).with("x", labels - GAP).with("y", middle + HALF_TEXT).text(token));
      columns.append(
          label(pos)
              .with("transform", "translate(" + (middle + HALF_TEXT) + " " + GAP + ") rotate(-90)")
              .text(token));
    }
    String grid =
        svg("row-labels", labels, side, rows)
            + new Tag("div")
                .with("class", "pattern")
                .with("style", "width:" + side + "px;height:" + side + "px")
                .around(
                    new Tag("canvas").with("data-cell", cell).text("")
                        + new Tag("div").with("class", "row-mark").text(""))
            + new Tag("span").text("")
            + svg("column-labels", side, labels, columns);
    String name = new Tag("output").with("class", "head-name").text("");
    return part(
        "matrix-part",
        "Pattern of head " + name + ": from each token (down) to those it attends to (right)",
        scrolling(new Tag("div").with("class", "matrix").around(grid)));
  }

  private static Tag label(int pos) {
    return new Tag("text").with("data-pos", pos).with("text-anchor", "end");
  }

  private static String svg(String kind, int width, int height, StringBuilder content) {
    return new Tag("svg")
        .with("class", kind)
        .with("width", width)
        .with("height", height)
        .around(content.toString());
  }

  /** Returns the text, one of whose tokens is chosen, and the list of what it attends to. */
  private String attended() {
    StringBuilder text = new StringBuilder();
    for (int pos = 0; pos < tokens.size(); pos++) {
      text.append(
          new Tag("button")
              .with("type", "button")
              .with("class", "pick")
              .with("data-pos", pos)
              .with("aria-pressed", false)
              .text(Labels.visible(tokens.get(pos))));
    }
    String choice =
        direction("to", "attends to", true) + direction("from", "is attended to by", false);
    return part(
        "attended-part",
        "What token " + new Tag("output").with("class", "token-name").text("") + choice,
        new Tag("p").with("class", "picks").around(text.toString())
            + new Tag("ol").with("class", "attended").around(""));
  }

  private String direction(String value, String text, boolean checked) {
    Tag input =
        new Tag("input").with("type", "radio").with("name", id + "-direction").with("value", value);
    if (checked) {
      input.with("checked", "");
    }
    return new Tag("label").around(input.empty() + " " + text);
  }

  private String numbers() {
    String packed =
        PackedFloats.cornersOf(patterns.array().values(), patterns.tokens().size(), tokens.size());
    return new Tag("script")
        .with("type", "application/octet-stream")
        .with("class", "packed")
        .around(packed);
  }

  private static String part(String kind, String heading, String content) {
    return new Tag("div")
            .with("class", kind)
            .around(new Tag("p").with("class", "part-heading").around(heading) + content)
        + "\n";
  }

  private static String scrolling(String content) {
    return new Tag("div").with("class", "scroll").around(content);
  }
}
