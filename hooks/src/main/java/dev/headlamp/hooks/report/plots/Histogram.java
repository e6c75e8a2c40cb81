package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How often numbers fall into each of several bins of one width. Several arrays are drawn one over
 * the other, in the same bins.
 *
 * @param title what stands above the figure
 * @param samples the numbers, of any axes; the names of several are the legend, and must differ
 * @param low where the first bin begins; it holds its lower end
 * @param high where the last bin ends; it holds both its ends
 * @param bins how many bins there are, 1 to 2,000
 */
public record Histogram(
    String title, List<LabelledArray> samples, double low, double high, int bins) implements Plot {

  private static final int MOST_BINS = 2_000;

  /**
   * @throws IllegalArgumentException if there are no arrays, or more than 10, two have one name,
   *     the ends are not finite and in order, or the number of bins is out of range
   */
  public Histogram {
    samples = List.copyOf(samples);
    PlotData.checkNames(title, samples.stream().map(LabelledArray::name).toList());
    if (!Double.isFinite(high - low) || !(low < high)) {
      throw new IllegalArgumentException(
          "the bins of '%s' must run upwards between finite ends, got %s to %s"
              .formatted(title, low, high));
    }
    if (bins < 1 || bins > MOST_BINS) {
      throw new IllegalArgumentException(
          "'%s' cannot have %d bins; ask for 1 to %d".formatted(title, bins, MOST_BINS));
    }
  }

  /**
   * Returns the histogram of all finite numbers of some arrays, between round ends.
   *
   * @throws IllegalArgumentException as the constructor does
   */
  public static Histogram of(String title, int bins, LabelledArray... samples) {
    Ticks ticks = Ticks.around(List.of(samples).stream().flatMapToDouble(LabelledArray::stream));
    return new Histogram(title, List.of(samples), ticks.low(), ticks.high(), bins);
  }

  /**
   * Returns how many numbers of one sample fall into each bin.
   *
   * @param sample which of {@link #samples}
   */
  public List<Integer> counts(int sample) {
    int[] counts = new int[bins];
    samples.get(sample).stream().filter(this::isInside).forEach(value -> counts[binOf(value)]++);
    List<Integer> list = new ArrayList<>();
    for (int count : counts) {
      list.add(count);
    }
    return list;
  }

  /** Returns where a bin begins; the index behind the last one is where that ends. */
  public double edge(int bin) {
    return bin == bins ? high : low + bin * ((high - low) / bins);
  }

  /** Returns the counts, {@code [sample, bin]}, each bin labelled with its lower end. */
  @Override
  public List<LabelledArray> arrays() {
    Axis names = new Axis("sample", samples.stream().map(LabelledArray::name).toList());
    Axis lowerEnds =
        new Axis("bin", IntStream.range(0, bins).mapToObj(i -> Double.toString(edge(i))).toList());
    double[] counts =
        IntStream.range(0, samples.size())
            .mapToObj(this::counts)
            .flatMap(List::stream)
            .mapToDouble(Integer::doubleValue)
            .toArray();
    return List.of(LabelledArray.of(title, "count", List.of(names, lowerEnds), counts));
  }

  private boolean isInside(double value) {
    return value >= low && value <= high;
  }

  private int binOf(double value) {
    int bin = Math.min(bins - 1, (int) ((value - low) / (high - low) * bins));
    // The division may round across an edge.
    while (bin > 0 && value < edge(bin)) {
      bin--;
    }
    while (bin < bins - 1 && value >= edge(bin + 1)) {
      bin++;
    }
    return bin;
  }

  /** Returns how many numbers are left out, where some are. */
  @Override
  public String caption() {
    long all = samples.stream().mapToLong(LabelledArray::size).sum();
    long absent =
        samples.stream().flatMapToDouble(LabelledArray::stream).filter(Double::isNaN).count();
    long inside =
        samples.stream().flatMapToDouble(LabelledArray::stream).filter(this::isInside).count();
    String caption = String.format(Locale.ROOT, "%,d numbers in %d bins", inside, bins);
    if (all - absent > inside) {
      caption += String.format(Locale.ROOT, "; %,d lie outside", all - absent - inside);
    }
    return absent == 0
        ? caption
        : caption + String.format(Locale.ROOT, "; %,d were not computed", absent);
  }
}
