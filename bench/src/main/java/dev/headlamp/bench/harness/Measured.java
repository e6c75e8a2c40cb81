package dev.headlamp.bench.harness;

import java.util.HashMap;
import java.util.List;
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

  /** Copies the findings. */
  public Measured {
    findings = Map.copyOf(findings);
  }

  static Measured of(Statistics milliseconds, Map<String, Double> findings) {
    return new Measured(milliseconds.getPercentile(50), milliseconds.getMin(), findings);
  }

  /**
   * Returns the best of the same in several forks: the shortest times, and the largest of the rates
   * that were reported beside, so that best is compared with best.
   */
  static Measured bestOf(List<Measured> forks) {
    Map<String, Double> findings = new HashMap<>();
    forks.forEach(
        fork -> fork.findings().forEach((name, value) -> findings.merge(name, value, Math::max)));
    return new Measured(
        forks.stream().mapToDouble(Measured::median).min().orElseThrow(),
        forks.stream().mapToDouble(Measured::best).min().orElseThrow(),
        findings);
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
