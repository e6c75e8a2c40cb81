package dev.headlamp.bench.products;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measured;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The rate of the best sgemm on this machine, [512, 768] × [768, 2304]: what the speed of
 * everything else is a share of.
 *
 * @param gflops the larger of the system's OpenBLAS and the best route from Java
 * @param by whose rate it was when it was first measured
 * @param system the rate of the system's OpenBLAS, if it was there to be measured
 */
public record Reference(double gflops, String by, OptionalDouble system) {

  /** Measures every route from Java and the system's OpenBLAS. */
  public static Reference measure(Forks forks) {
    double best = 0;
    String by = "";
    for (Route route : Route.values()) {
      double rate = rate(forks, route, Sizes.REFERENCE_ROWS);
      if (rate > best) {
        best = rate;
        by = route.text();
      }
    }
    OptionalDouble system = system(forks, Sizes.REFERENCE_ROWS);
    if (system.orElse(0) > best) {
      best = system.getAsDouble();
      by = ProductRates.SYSTEM;
    }
    return new Reference(best, by, system);
  }

  static double rate(Forks forks, Route route, int rows) {
    double milliseconds =
        forks
            .run(
                Measurement.of(ProductBenchmark.class, "multiply")
                    .with("route", route)
                    .with("rows", rows))
            .best();
    return Sizes.flops(rows) / milliseconds / 1e6;
  }

  static OptionalDouble system(Forks forks, int rows) {
    return forks.effort() == Effort.QUICK ? OptionalDouble.empty() : SystemOpenBlas.gflops(rows);
  }

  /**
   * Returns the rate that a fork measured beside its work, or that of the system's OpenBLAS if that
   * is larger.
   */
  public Reference near(Measured measured) {
    return new Reference(
        Math.max(measured.finding(NearbyRate.FINDING), system.orElse(0)), by, system);
  }

  /**
   * Returns the share of this rate at which something ran.
   *
   * @param flops what it computes
   * @param milliseconds how long it took
   */
  public double share(double flops, double milliseconds) {
    return flops / milliseconds / 1e6 / gflops;
  }

  /** Returns how long something takes at this rate, in milliseconds. */
  public double milliseconds(double flops) {
    return flops / gflops / 1e6;
  }

  /** Returns the row unless the system's OpenBLAS is missing, and then the row that says so. */
  public Row judged(Row row) {
    return system.isPresent() ? row : row.withoutReference();
  }

  /** Returns the rate as a row. */
  public Row row() {
    return Row.beside(
        "reference sgemm, 512×768×2304, best",
        String.format(Locale.ROOT, "%.0f GFLOP/s, %s", gflops, by));
  }
}
