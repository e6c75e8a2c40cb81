package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What hook points cost where nobody looks: forks with them and forks in which the JIT removes
 * them, taking turns, so that what the machine does meanwhile befalls both.
 */
public final class HookCost {

  private static final double LIMIT = 1.01;
  private static final int PAIRS = 5;
  private static final String REMOVED = "-Dheadlamp.engine.points=false";

  private HookCost() {}

  /** Measures 1×16, where a run is shortest and hook points are as many. */
  public static List<Row> measure(Forks forks) {
    double[] ratios = new double[forks.effort() == Effort.QUICK ? 1 : PAIRS];
    for (int pair = 0; pair < ratios.length; pair++) {
      double without = forks.run(forward(forks).withJvmArgument(REMOVED)).median();
      ratios[pair] = forks.run(forward(forks)).median() / without;
    }
    Arrays.sort(ratios);
    return List.of(
        Row.atMost(
            "forward 1×16 with hook points and no hooks, to one without hook points",
            LIMIT,
            ratios[ratios.length / 2],
            Row.Style.SHARE,
            String.format(
                Locale.ROOT,
                "median of %d pairs of forks from %.3f to %.3f",
                ratios.length,
                ratios[0],
                ratios[ratios.length - 1])));
  }

  private static Measurement forward(Forks forks) {
    return Measurement.of(ForwardBenchmark.class, "forward")
        .with("shape", forks.effort().shape())
        .with("batch", 1)
        .with("tokens", 16)
        .iterations(1, 3)
        .each(Duration.ofSeconds(1));
  }
}
