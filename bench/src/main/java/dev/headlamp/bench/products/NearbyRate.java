package dev.headlamp.bench.products;

import dev.headlamp.bench.harness.Findings;

/**
 * The best rate of a product from Java, measured in the fork whose work is compared with it: the
 * rate of a machine that others use too drifts from minute to minute.
 */
public final class NearbyRate {

  static final String FINDING = "gflops";

  private static final int TIMES = 20;

  private static double best;

  private NearbyRate() {}

  /** Measures 20 products by each route, and reports the best so far of this JVM. */
  public static void report() {
    for (Route route : Route.values()) {
      try (Product product = route.open(Sizes.REFERENCE_ROWS)) {
        for (int i = 0; i < TIMES; i++) {
          long start = System.nanoTime();
          product.multiply();
          double seconds = (System.nanoTime() - start) / 1e9;
          best = Math.max(best, Sizes.flops(Sizes.REFERENCE_ROWS) / seconds / 1e9);
        }
      }
    }
    Findings.report(FINDING, best);
  }
}
