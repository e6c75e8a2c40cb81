package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measured;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import dev.headlamp.bench.products.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The plain forward pass with all logits as a share of the reference rate: best against best. */
public final class ForwardRuns {

  /** Attention is counted from this many tokens on; below it is less than a hundredth. */
  private static final int LONG_PROMPT = 1024;

  private static final String WITHOUT_ONE_DNN = "-Dheadlamp.engine.onednn=false";

  /**
   * What is measured.
   *
   * @param forks in how many JVMs: the shortest runs differ most from one to the next
   * @param alsoByOpenBlas whether it is measured without oneDNN, too
   */
  private record Size(int batch, int tokens, double target, int forks, boolean alsoByOpenBlas) {
    String text() {
      return batch + "×" + tokens;
    }
  }

  private static final List<Size> SIZES =
      List.of(
          new Size(32, 16, 0.88, 1, false),
          new Size(8, 16, 0.80, 1, true),
          new Size(1, LONG_PROMPT, 0.82, 1, false),
          new Size(1, 16, 0.55, 2, false));

  private ForwardRuns() {}

  /** Measures each size, and one without oneDNN. */
  public static List<Row> measure(Forks forks, Reference reference) {
    ForwardFlops flops = ForwardFlops.of(forks.effort().shape().config());
    List<Row> rows = new ArrayList<>();
    for (Size size : SIZES) {
      double computed =
          flops.matrices(size.batch(), size.tokens())
              + (size.tokens() < LONG_PROMPT ? 0 : flops.attention(size.batch(), size.tokens()));
      Measured measured =
          forks.run(measurement(forks, size, forks.effort() != Effort.QUICK), size.forks());
      Reference nearby = reference.near(measured);
      rows.add(
          reference.judged(
              Row.atLeast(
                  "plain forward, all logits, " + size.text(),
                  size.target(),
                  nearby.share(computed, measured.best()),
                  Row.Style.SHARE,
                  String.format(
                      Locale.ROOT,
                      "%.1f ms, %.0f of %.0f GFLOP/s; median %.1f ms",
                      measured.best(),
                      computed / measured.best() / 1e6,
                      nearby.gflops(),
                      measured.median()))));
      if (size.alsoByOpenBlas()) {
        rows.add(byOpenBlas(forks, reference, size, computed));
      }
    }
    return rows;
  }

  private static Row byOpenBlas(Forks forks, Reference reference, Size size, double computed) {
    Measured plain =
        forks.run(
            measurement(forks, size, false)
                .withJvmArgument(WITHOUT_ONE_DNN)
                .iterations(1, 2)
                .each(Duration.ofSeconds(1)));
    return Row.beside(
        "the same without oneDNN, by the OpenBLAS of nd4j-native, " + size.text(),
        String.format(
            Locale.ROOT,
            "%.1f %%: %.1f ms; median %.1f ms",
            100 * reference.near(plain).share(computed, plain.best()),
            plain.best(),
            plain.median()));
  }

  private static Measurement measurement(Forks forks, Size size, boolean warm) {
    return Measurement.of(ForwardBenchmark.class, "forward")
        .with("shape", forks.effort().shape())
        .with("batch", size.batch())
        .with("tokens", size.tokens())
        .with("warm", warm)
        .iterations(1, 3)
        .each(Duration.ofSeconds(2));
  }
}
