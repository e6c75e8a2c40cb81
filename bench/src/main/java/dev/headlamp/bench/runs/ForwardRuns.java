package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import dev.headlamp.bench.products.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The plain forward pass with all logits as a share of the reference rate. */
public final class ForwardRuns {

  /** Attention is counted from this many tokens on; below it is less than a hundredth. */
  private static final int LONG_PROMPT = 1024;

  private static final String WITHOUT_ONE_DNN = "-Dheadlamp.engine.onednn=false";

  private record Size(int batch, int tokens, double target) {
    String text() {
      return batch + "×" + tokens;
    }
  }

  private static final List<Size> SIZES =
      List.of(
          new Size(32, 16, 0.88),
          new Size(8, 16, 0.80),
          new Size(1, LONG_PROMPT, 0.82),
          new Size(1, 16, 0.55));

  private ForwardRuns() {}

  /** Measures each size by oneDNN and by OpenBLAS. */
  public static List<Row> measure(Forks forks, Reference reference) {
    ForwardFlops flops = ForwardFlops.of(forks.effort().shape().config());
    List<Row> rows = new ArrayList<>();
    for (Size size : SIZES) {
      double computed =
          flops.matrices(size.batch(), size.tokens())
              + (size.tokens() < LONG_PROMPT ? 0 : flops.attention(size.batch(), size.tokens()));
      double milliseconds = forks.run(measurement(forks, size)).median();
      double share = reference.share(computed, milliseconds);
      rows.add(
          reference.judged(
              Row.atLeast(
                  "plain forward, all logits, " + size.text(),
                  size.target(),
                  share,
                  Row.Style.SHARE,
                  String.format(
                      Locale.ROOT,
                      "%.1f ms, %.0f GFLOP/s",
                      milliseconds,
                      computed / milliseconds / 1e6))));
      double plain = forks.run(measurement(forks, size).withJvmArgument(WITHOUT_ONE_DNN)).median();
      rows.add(
          Row.beside(
              "the same without oneDNN, by the OpenBLAS of nd4j-native, " + size.text(),
              String.format(
                  Locale.ROOT, "%.1f %%: %.1f ms", 100 * reference.share(computed, plain), plain)));
    }
    return rows;
  }

  private static Measurement measurement(Forks forks, Size size) {
    return Measurement.of(ForwardBenchmark.class, "forward")
        .with("shape", forks.effort().shape())
        .with("batch", size.batch())
        .with("tokens", size.tokens())
        .iterations(2, 3)
        .each(Duration.ofSeconds(2));
  }
}
