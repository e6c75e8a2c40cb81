package dev.headlamp.experiments.enumeration.tables;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many logit differences fall into each of some bins of one width, the lower end of a bin being
 * its own.
 *
 * @param low the lower end of the first bin
 * @param high the upper end of the last
 * @param counts one for each bin
 * @param outside how many lie below the first or above the last
 */
public record Histogram(double low, double high, List<Long> counts, long outside) {

  /** Copies the counts. */
  public Histogram {
    counts = List.copyOf(counts);
  }

  /**
   * Counts the rows of a slice.
   *
   * @throws IllegalArgumentException unless {@code low < high} and there is at least one bin
   */
  public static Histogram of(
      Enumeration enumeration, Slice slice, double low, double high, int bins) {
    if (!(low < high) || bins < 1) {
      throw new IllegalArgumentException(
          "a histogram needs a bin and ends in order, not %d bins from %s to %s"
              .formatted(bins, low, high));
    }
    long[] counts = new long[bins];
    long[] outside = new long[1];
    double perUnit = bins / (high - low);
    enumeration.forEach(
        slice,
        (template, place, object, subject, indirectObject, value) -> {
          int bin = (int) Math.floor((value - low) * perUnit);
          if (bin >= 0 && bin < bins) {
            counts[bin]++;
          } else {
            outside[0]++;
          }
        });
    List<Long> list = new ArrayList<>();
    for (long count : counts) {
      list.add(count);
    }
    return new Histogram(low, high, list, outside[0]);
  }

  /** Returns the middle of each bin. */
  public double[] middles() {
    double width = (high - low) / counts.size();
    return IntStream.range(0, counts.size()).mapToDouble(i -> low + (i + 0.5) * width).toArray();
  }

  /** Returns for each bin the percentage of all rows that is in it; NaN of no rows. */
  public double[] percentages() {
    double total = outside + counts.stream().mapToLong(Long::longValue).sum();
    return counts.stream().mapToDouble(count -> 100 * count / total).toArray();
  }
}
