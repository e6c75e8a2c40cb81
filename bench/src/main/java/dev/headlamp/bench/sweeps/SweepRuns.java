package dev.headlamp.bench.sweeps;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measured;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import dev.headlamp.bench.products.Reference;
import dev.headlamp.bench.runs.ForwardFlops;
import dev.headlamp.engine.Gpt2Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sweeps against the same sweeps done naively, and against the least work they can be done with.
 */
public final class SweepRuns {

  private static final int PART = 16;
  private static final int FEW = 4;

  private SweepRuns() {}

  static SweepFlops flops(Gpt2Config config, Workload workload) {
    return new SweepFlops(
        ForwardFlops.of(config), config.nHeads(), Workload.TOKENS, workload.firstDifference());
  }

  /** Measures heads and the residual stream on both workloads. */
  public static List<Row> small(Forks forks, Reference reference) {
    return measure(forks, reference, SweepKind.HEADS, SweepKind.RESIDUAL);
  }

  /** Measures the sweeps of many patches on both workloads: a part, or everything. */
  public static List<Row> large(Forks forks, Reference reference) {
    return measure(forks, reference, SweepKind.HEADS_BY_POSITION, SweepKind.PATTERN);
  }

  private static List<Row> measure(Forks forks, Reference reference, SweepKind... kinds) {
    List<Row> rows = new ArrayList<>();
    for (SweepKind kind : kinds) {
      for (Workload workload : Workload.values()) {
        rows.addAll(measure(forks, reference, kind, workload));
      }
    }
    return rows;
  }

  /** How often a sweep is measured: those on A take longest, and of these the large ones. */
  private static int repeated(Effort effort, SweepKind kind, Workload workload) {
    boolean takesLong = kind.isLarge() && (workload == Workload.A || effort == Effort.FULL);
    if (effort == Effort.QUICK || takesLong) {
      return 1;
    }
    return workload == Workload.A || kind == SweepKind.PATTERN ? 3 : 5;
  }

  private static List<Row> measure(
      Forks forks, Reference reference, SweepKind kind, Workload workload) {
    boolean quick = forks.effort() == Effort.QUICK;
    int oneOf = kind.isLarge() ? forks.effort().oneOf(PART) : 1;
    Measured measured =
        forks.run(
            Measurement.of(SweepBenchmark.class, "sweep")
                .with("shape", forks.effort().shape())
                .with("workload", workload)
                .with("kind", kind)
                .with("oneOf", oneOf)
                .with("checked", quick ? FEW : SweepBenchmark.CHECKED)
                .with("warm", !quick)
                .iterations(0, repeated(forks.effort(), kind, workload)));
    SweepFlops flops = flops(forks.effort().shape().config(), workload);
    long patches = flops.patches(kind) / oneOf;
    double naive = patches * measured.finding("naive");
    Reference nearby = reference.near(measured);
    double least = nearby.milliseconds(Workload.BATCH * flops.least(kind) / oneOf);
    String what =
        "%s, %s%s".formatted(kind.text(), workload, oneOf == 1 ? "" : ", a stratified sixteenth");
    return List.of(
        Row.atLeast(
            what,
            kind.target(workload),
            naive / measured.median(),
            Row.Style.FACTOR,
            String.format(
                Locale.ROOT,
                "%d patches in %.2f s, naively %.1f s (%.1f ms each); %.0f of them within %.1e,"
                    + " values spread over %.2g",
                patches,
                measured.median() / 1e3,
                naive / 1e3,
                measured.finding("naive"),
                measured.finding("checked"),
                measured.finding("difference"),
                measured.finding("spread"))),
        reference.judged(
            Row.atMost(
                what + ", to the least work at the reference rate",
                kind.leastWorkLimit(),
                measured.best() / least,
                Row.Style.FACTOR,
                String.format(
                    Locale.ROOT,
                    "best %.2f s, least %.2f s at %.0f GFLOP/s; naively %.1f times the least FLOPs",
                    measured.best() / 1e3,
                    least / 1e3,
                    nearby.gflops(),
                    flops.naive(kind) / flops.least(kind)))));
  }
}
