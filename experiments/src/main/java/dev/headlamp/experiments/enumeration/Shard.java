package dev.headlamp.experiments.enumeration;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several equal parts that an enumeration is computed in, maybe on several machines.
 *
 * @param index which, counted from 1
 * @param count how many there are
 */
public record Shard(int index, int count) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,4})/(\\d{1,4})");

  /**
   * @throws IllegalArgumentException unless 1 ≤ index ≤ count ≤ 1000
   */
  public Shard {
    if (index < 1 || index > count || count > 1000) {
      throw new IllegalArgumentException(
          "shard %d/%d does not exist: shards are 1/n to n/n, n at most 1000"
              .formatted(index, count));
    }
  }

  /** Returns the only shard of an enumeration in one part. */
  public static Shard whole() {
    return new Shard(1, 1);
  }

  /**
   * Returns the shard that {@code 2/5} means.
   *
   * @throws IllegalArgumentException if the text is of another form, or there is no such shard
   */
  public static Shard parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no shard: write it like 2/5");
    }
    return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Chunks are dealt out in turn, so that every shard has a like share of each template. */
  boolean has(Chunk chunk) {
    return chunk.index() % count == index - 1;
  }

  @Override
  public String toString() {
    return index + "/" + count;
  }
}
