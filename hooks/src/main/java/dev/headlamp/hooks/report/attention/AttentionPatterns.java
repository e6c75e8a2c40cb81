package dev.headlamp.hooks.report.attention;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Figure;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.Html;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The attention patterns of one prompt. On a page all heads are seen at once, as a grid of small
 * patterns; one of them is chosen and shown with its tokens, and a token is chosen to see what it
 * attends to, or what attends to it. The end {@code #head=1.3&token=5} of the page's address
 * chooses both.
 *
 * <p>A page holds the numbers as float32, of the first positions: at most 512, and as many as make
 * 1,500,000 numbers; the caption says so where there are more.
 *
 * @param title what stands above the figure
 * @param array the patterns, {@code [layer, head, dest_pos, src_pos]}; the layers may be some of a
 *     model's, their labels say which. A row of {@code dest_pos} says how much its token attends to
 *     each {@code src_pos}
 * @param tokens the text of each token of the prompt
 * @param scale the colours of the numbers
 */
public record AttentionPatterns(
    String title, LabelledArray array, List<String> tokens, ColorScale scale) implements Figure {

  private static final int MOST_HEADS = 4_000;
  private static final int MOST_POSITIONS = 512;
  private static final int MOST_NUMBERS = 1_500_000;

  /**
   * @throws IllegalArgumentException unless the array has four axes, the last two as long as the
   *     prompt, and at most 4,000 heads
   */
  public AttentionPatterns {
    tokens = List.copyOf(tokens);
    int[] shape = array.shape();
    if (shape.length != 4) {
      throw new IllegalArgumentException(
          "attention patterns are [layer, head, dest_pos, src_pos], but %s has %d axes"
              .formatted(array, shape.length));
    }
    if (shape[2] != tokens.size() || shape[3] != tokens.size()) {
      throw new IllegalArgumentException(
          "%s does not fit %d tokens: its last two axes run over the positions of the prompt"
              .formatted(array, tokens.size()));
    }
    if ((long) shape[0] * shape[1] > MOST_HEADS) {
      throw new IllegalArgumentException(
          "%s has %d heads; a figure shows at most %d"
              .formatted(array, (long) shape[0] * shape[1], MOST_HEADS));
    }
  }

  /**
   * Returns the figure of {@code array} under its own name, white at 0 and dark blue at 1.
   *
   * @param array {@code [layer, head, dest_pos, src_pos]}
   * @throws IllegalArgumentException as the constructor does
   */
  public static AttentionPatterns of(LabelledArray array, List<String> tokens) {
    return new AttentionPatterns(array.name(), array, tokens, ColorScale.sequential(0, 1));
  }

  /**
   * Returns the figure of one prompt of what the points {@code hook_pattern} of all layers held.
   *
   * @param title what stands above the figure
   * @param layers for each layer, from 0, {@code [batch, head, dest_pos, src_pos]}; borrowed
   * @param prompt which of the batch
   * @param tokens the text of each of its tokens; the positions behind them are left out
   * @throws IllegalArgumentException if there are no layers, they differ in shape, or hold no such
   *     prompt or fewer positions than tokens
   */
  public static AttentionPatterns of(
      String title, List<INDArray> layers, int prompt, List<String> tokens) {
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("'" + title + "' needs the patterns of a layer, got none");
    }
    long[] shape = layers.get(0).shape();
    List<LabelledArray> parts = new ArrayList<>();
    for (INDArray layer : layers) {
      if (!Arrays.equals(layer.shape(), shape)) {
        throw new IllegalArgumentException(
            "'%s' has layers of shapes %s and %s; all heads must be of one run"
                .formatted(title, Arrays.toString(shape), Arrays.toString(layer.shape())));
      }
      parts.add(PatternsOfLayer.read(layer, prompt, tokens));
    }
    return of(LabelledArray.stack(title, Axis.numbered("layer", layers.size()), parts), tokens);
  }

  /** Returns these patterns in other colours: for scores, or differences of patterns. */
  public AttentionPatterns withScale(ColorScale newScale) {
    return new AttentionPatterns(title, array, tokens, newScale);
  }

  /**
   * Returns the pattern of one head with its tokens on both axes, to be drawn by {@link
   * dev.headlamp.hooks.report.HeatmapImage}.
   *
   * @param layer the label of its layer, such as {@code "9"}
   * @param head its own label
   * @throws IllegalArgumentException if there is no such head
   */
  public Heatmap heatmap(String layer, String head) {
    LabelledArray pattern = array.slice(layerAxis().name(), layer).slice(headAxis().name(), head);
    List<Axis> axes =
        List.of(Axis.positions("dest_pos", tokens), Axis.positions("src_pos", tokens));
    LabelledArray labelled =
        LabelledArray.of(
            title + ", head " + layer + "." + head, array.unit(), axes, pattern.values());
    return new Heatmap(labelled.name(), labelled, scale);
  }

  /** Returns the unit, and how many positions are shown where that is not all. */
  @Override
  public String caption() {
    int shown = shownPositions();
    if (shown == tokens.size()) {
      return array.unit();
    }
    String cut = "the first %d of %d positions are shown".formatted(shown, tokens.size());
    return array.unit().isEmpty() ? cut : array.unit() + "; " + cut;
  }

  @Override
  public String markup(String id) {
    return new AttentionMarkup(this, id).markup();
  }

  @Override
  public String style() {
    return Html.resource(AttentionPatterns.class, "attention.css");
  }

  @Override
  public String script() {
    return Html.resource(AttentionPatterns.class, "attention.js");
  }

  Axis layerAxis() {
    return array.axes().get(0);
  }

  Axis headAxis() {
    return array.axes().get(1);
  }

  /** Returns how many positions a page shows. */
  int shownPositions() {
    int heads = layerAxis().length() * headAxis().length();
    int fitting = (int) Math.sqrt((double) MOST_NUMBERS / heads);
    return Math.min(tokens.size(), Math.min(MOST_POSITIONS, fitting));
  }
}
