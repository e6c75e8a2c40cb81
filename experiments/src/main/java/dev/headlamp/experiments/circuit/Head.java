package dev.headlamp.experiments.circuit;

import dev.headlamp.engine.Gpt2Config;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An attention head, written {@code 9.6} for head 6 of layer 9, both counted from 0.
 *
 * @param layer the layer
 * @param index the head in it
 */
public record Head(int layer, int index) implements Comparable<Head> {

  private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})");
  private static final Comparator<Head> BY_PLACE =
      Comparator.comparingInt(Head::layer).thenComparingInt(Head::index);

  /**
   * Reads a head as {@link #toString} writes it.
   *
   * @throws IllegalArgumentException if the text is of another form
   */
  public static Head parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no head: give layer and head, such as 9.6");
    }
    return new Head(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /**
   * Returns this.
   *
   * @throws IllegalArgumentException if the model has no such head
   */
  public Head checkedFor(Gpt2Config config) {
    config.checkLayer(layer);
    config.checkHead(index);
    return this;
  }

  @Override
  public int compareTo(Head other) {
    return BY_PLACE.compare(this, other);
  }

  @Override
  public String toString() {
    return layer + "." + index;
  }
}
