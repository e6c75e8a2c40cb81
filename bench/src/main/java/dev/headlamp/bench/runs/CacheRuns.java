package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measured;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A run with cache against a plain run and the copying of what is kept. */
public final class CacheRuns {

  private static final double LIMIT = 1.15;

  private CacheRuns() {}

  /** Measures the default set of points, 8×16. */
  public static List<Row> measure(Forks forks) {
    double plain = run(forks, "forward").median();
    Measured cached = run(forks, "runWithCache");
    double copying = run(forks, "copyTheBytesKept").median();
    return List.of(
        Row.atMost(
            "run with cache, default points, 8×16, less the time to copy what is kept",
            LIMIT,
            (cached.median() - copying) / plain,
            Row.Style.FACTOR,
            String.format(
                Locale.ROOT,
                "%.1f ms, plain %.1f ms, copying %.0f MB %.1f ms",
                cached.median(),
                plain,
                cached.finding("bytes") / 1e6,
                copying)));
  }

  private static Measured run(Forks forks, String method) {
    return forks.run(
        Measurement.of(CacheBenchmark.class, method)
            .with("shape", forks.effort().shape())
            .iterations(2, 3)
            .each(Duration.ofSeconds(1)));
  }
}
