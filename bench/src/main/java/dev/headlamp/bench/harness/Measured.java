package dev.headlamp.bench.harness;

import java.util.Map;
import org.openjdk.jmh.util.Statistics;

/**
 * What came of a measurement.
 *
 * @param median the median time of an invocation, in milliseconds
 * @param best the shortest time, in milliseconds
 * @param findings what the benchmark reported beside
 */
public record Measured(double median, double best, Map<String, Double> findings) {

  static Measured of(Statistics milliseconds, Map<String, Double> findings) {
    return new Measured(
        milliseconds.getPercentile(50), milliseconds.getMin(), Map.copyOf(findings));
  }

  /**
   * Returns a number that the benchmark reported.
   *
   * @throws IllegalArgumentException if it reported none of that name
   */
  public double finding(String name) {
    Double value = findings.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "the benchmark reported no " + name + ", only " + findings.keySet());
    }
    return value;
  }
}
