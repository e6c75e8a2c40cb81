package dev.headlamp.hooks.report.plots;

import dev.headlamp.hooks.report.NumberStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The round numbers written along an axis, and its ends, which are the first and the last of them.
 * Steps are 1, 2 or 5 times a power of ten.
 *
 * @param step from one to the next
 * @param from the first, in steps
 * @param to the last, in steps
 */
record Ticks(double step, long from, long to) {

  private static final int ABOUT = 6;
  private static final int MOST_DECIMALS = 5;
  private static final double LARGEST_FIXED = 1e6;

  /** Returns ticks that enclose all numbers that are finite. */
  static Ticks around(DoubleStream numbers) {
    double[] finite = numbers.filter(Double::isFinite).toArray();
    double low = DoubleStream.of(finite).min().orElse(0);
    double high = DoubleStream.of(finite).max().orElse(1);
    // Equal numbers, or numbers that differ by nothing their size lets one write, get a margin.
    double least = Math.max(Math.abs(low), Math.abs(high)) * 1e-9;
    if (high - low <= least) {
      double margin = low == 0 ? 1 : Math.abs(low) / 10;
      low -= margin;
      high += margin;
    }
    double step = roundStep(high / ABOUT - low / ABOUT);
    return new Ticks(step, (long) Math.floor(low / step), (long) Math.ceil(high / step));
  }

  private static double roundStep(double rough) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digits = rough / power;
    return (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10) * power;
  }

  double low() {
    return from * step;
  }

  double high() {
    return to * step;
  }

  List<Double> values() {
    List<Double> values = new ArrayList<>();
    for (long i = from; i <= to; i++) {
      values.add(i * step);
    }
    return values;
  }

  /** Returns a tick as it is written: no more digits than tell it from the next. */
  String write(double value) {
    double largest = Math.max(Math.abs(low()), Math.abs(high()));
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    boolean scientific = decimals > MOST_DECIMALS || largest >= LARGEST_FIXED;
    return new NumberStyle(scientific ? 2 : decimals, scientific).write(value);
  }
}
