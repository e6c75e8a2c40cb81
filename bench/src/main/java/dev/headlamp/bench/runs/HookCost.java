package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What hook points cost where nobody looks: forks with them and forks in which the JIT removes
 * them, taking turns. Their best times are compared, because the medians of two forks differ by
 * more than hook points could cost.
 */
public final class HookCost {

  private static final double LIMIT = 1.01;
  private static final int PAIRS = 4;
  private static final String REMOVED = "-Dheadlamp.engine.points=false";

  private HookCost() {}

  /** Measures 1×16, where a run is shortest and hook points are as many. */
  public static List<Row> measure(Forks forks) {
    int pairs = forks.effort() == Effort.QUICK ? 1 : PAIRS;
    double with = Double.POSITIVE_INFINITY;
    double without = Double.POSITIVE_INFINITY;
    for (int pair = 0; pair < pairs; pair++) {
      without = Math.min(without, forks.run(forward(forks).withJvmArgument(REMOVED)).best());
      with = Math.min(with, forks.run(forward(forks)).best());
    }
    return List.of(
        Row.atMost(
            "forward 1×16 with hook points and no hooks, to one without hook points",
            LIMIT,
            with / without,
            Row.Style.FACTOR,
            String.format(
                Locale.ROOT,
                "%.2f ms and %.2f ms, the best of %d forks each",
                with,
                without,
                pairs)));
  }

  private static Measurement forward(Forks forks) {
    return Measurement.of(ForwardBenchmark.class, "forward")
        .with("shape", forks.effort().shape())
        .with("batch", 1)
        .with("tokens", 16)
        .with("warm", false)
        .iterations(1, 3)
        .each(Duration.ofSeconds(1));
  }
}
