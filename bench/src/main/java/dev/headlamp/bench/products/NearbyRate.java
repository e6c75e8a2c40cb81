package dev.headlamp.bench.products;

import dev.headlamp.bench.harness.Findings;

/**
 * The best rate of a product from Java, measured in the fork whose work is compared with it: the
 * rate of a machine that others use too drifts from minute to minute.
 */
public final class NearbyRate {

  static final String FINDING = "gflops";

  private static final int TIMES = 20;

  /** So many show whether a route is of the fast ones, and worth measuring as often as those. */
  private static final int FEW = 3;

  private static double best;

  private NearbyRate() {}

  /** Measures 20 products by each fast route, and reports the best so far of this JVM. */
  public static void report() {
    for (Route route : Route.values()) {
      try (Product product = route.open(Sizes.REFERENCE_ROWS)) {
        double rate = rate(product, FEW);
        if (rate > best / 2) {
          rate = Math.max(rate, rate(product, TIMES));
        }
        best = Math.max(best, rate);
      }
    }
    Findings.report(FINDING, best);
  }

  /** Returns the best of some products' rates. */
  private static double rate(Product product, int times) {
    double rate = 0;
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      product.multiply();
      double seconds = (System.nanoTime() - start) / 1e9;
      rate = Math.max(rate, Sizes.flops(Sizes.REFERENCE_ROWS) / seconds / 1e9);
    }
    return rate;
  }
}
