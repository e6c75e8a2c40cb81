package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Generation with a key-value cache against reading the weights once for each token. */
public final class GenerationRuns {

  private static final double LIMIT = 1.3;
  private static final int MORE_TOKENS = 32;

  private GenerationRuns() {}

  /** Measures one prompt. */
  public static List<Row> measure(Forks forks) {
    double read = Math.min(reading(forks, false), reading(forks, true));
    double token = (continuation(forks, MORE_TOKENS + 1) - continuation(forks, 1)) / MORE_TOKENS;
    double bytes = ForwardFlops.of(forks.effort().shape().config()).weightBytesOfAToken();
    return List.of(
        Row.atMost(
            "generation with key-value cache, batch 1, a token to reading the weights once",
            LIMIT,
            token / read,
            Row.Style.FACTOR,
            String.format(
                Locale.ROOT,
                "%.1f ms a token; reading %.0f MB %.1f ms, %.1f GB/s",
                token,
                bytes / 1e6,
                read,
                bytes / read / 1e6)));
  }

  private static double reading(Forks forks, boolean eightPlaces) {
    return forks
        .run(
            Measurement.of(ReadingBenchmark.class, "read")
                .with("shape", forks.effort().shape())
                .with("eightPlaces", eightPlaces))
        .best();
  }

  private static double continuation(Forks forks, int tokens) {
    return forks
        .run(
            Measurement.of(GenerationBenchmark.class, "continuePrompt")
                .with("shape", forks.effort().shape())
                .with("added", tokens)
                .with("warm", forks.effort() != Effort.QUICK)
                .iterations(1, 3)
                .each(Duration.ofSeconds(1)))
        .median();
  }
}
