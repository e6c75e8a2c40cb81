package dev.headlamp.bench.loading;

import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measured;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.util.List;
import java.util.Locale;

/** Loading against reading the same bytes, and its memory against the weights'. */
public final class LoadingRuns {

  private static final double TIME_LIMIT = 1.5;
  private static final double MEMORY_LIMIT = 1.3;
  private static final int WARMUPS = 2;
  private static final int ITERATIONS = 7;

  private LoadingRuns() {}

  /** Measures a checkpoint of GPT-2 small's size, in the system's cache of files. */
  public static List<Row> measure(Forks forks) {
    double read = run(forks, "read").median();
    Measured load = run(forks, "load");
    double packed = run(forks, "loadAndRun").median();
    Measured memory =
        forks.run(
            Measurement.of(LoadingBenchmark.class, "memory")
                .with("shape", forks.effort().shape())
                .withJvmArgument("-Xmx256m")
                .iterations(0, 1));
    double bytes = load.finding("bytes");
    return List.of(
        Row.atMost(
            "loading, to reading the same bytes",
            TIME_LIMIT,
            load.median() / read,
            Row.Style.FACTOR,
            String.format(
                Locale.ROOT, "%.0f ms, reading %.0f MB %.0f ms", load.median(), bytes / 1e6, read)),
        Row.beside(
            "loading and a first run, in which weights are packed",
            String.format(Locale.ROOT, "%.0f ms", packed)),
        Row.atMost(
            "loading, peak of anonymous memory to the weights in float32",
            MEMORY_LIMIT,
            memory.finding("peak") / bytes,
            Row.Style.FACTOR,
            String.format(Locale.ROOT, "%.0f MB", memory.finding("peak") / 1e6)));
  }

  private static Measured run(Forks forks, String method) {
    return forks.run(
        Measurement.of(LoadingBenchmark.class, method)
            .with("shape", forks.effort().shape())
            .iterations(WARMUPS, ITERATIONS));
  }
}
