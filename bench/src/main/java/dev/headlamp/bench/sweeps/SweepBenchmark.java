package dev.headlamp.bench.sweeps;

import dev.headlamp.bench.harness.Findings;
import dev.headlamp.bench.harness.WarmUp;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.bench.products.NearbyRate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A sweep from the prompts to its values, and afterwards, in the same fork, some of its patches
 * done naively: the median time of one that computes all logits, and how far the values are apart.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class SweepBenchmark {

  private static final double TOLERANCE = 1e-4;
  static final int CHECKED = 200;

  /** Of so many patches that are checked one is timed, with all logits. */
  private static final int ONE_TIMED_OF = 5;

  /** What runs. */
  @Param("GPT2")
  public ModelShape shape;

  /** The prompts. */
  @Param public Workload workload;

  /** What is patched. */
  @Param public SweepKind kind;

  /** Of how many consecutive patches one is made; 1 for the whole sweep. */
  @Param({"1"})
  public int oneOf;

  /** How many patches are checked against naive ones, at most. */
  @Param("" + CHECKED)
  public int checked;

  /** Whether a tiny model goes before, until the JIT is quiet, and then one such sweep. */
  @Param("true")
  public boolean warm;

  private GeneratedSweep sweep;
  private List<int[]> chosen;
  private double[] values;

  /** Makes the model and warms up. */
  @Setup(Level.Trial)
  public void generate() {
    sweep = GeneratedSweep.of(shape, workload, kind);
    chosen = sweep.oneOfEvery(oneOf);
    if (warm) {
      warmUp();
    }
    NearbyRate.report();
  }

  /** On a tiny model the JIT comes across in seconds what would take minutes on the real one. */
  private void warmUp() {
    try (GeneratedSweep tiny = GeneratedSweep.of(ModelShape.TINY, workload, kind)) {
      List<int[]> all = tiny.oneOfEvery(1);
      WarmUp.run(
          () -> {
            tiny.values(all);
            try (NaiveSweep naive = tiny.naively(0)) {
              naive.logitDifference(0);
            }
          });
    }
    sweep.values(chosen);
  }

  /** Returns the values of all chosen patches, sweep by sweep. */
  @Benchmark
  public double[] sweep() {
    values = sweep.values(chosen);
    return values;
  }

  /** Compares with naive runs, and frees the model. */
  @TearDown(Level.Trial)
  public void compare() {
    NearbyRate.report();
    List<Double> times = new ArrayList<>();
    int compared = 0;
    double difference = 0;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    int each = (checked + chosen.size() - 1) / chosen.size();
    int first = 0;
    for (int i = 0; i < chosen.size(); i++) {
      int[] some = StratifiedSample.someOf(each, chosen.get(i).length, 11);
      compared += some.length;
      try (NaiveSweep naive = sweep.naively(i)) {
        for (int j = 0; j < some.length; j++) {
          int patch = chosen.get(i)[some[j]];
          double value;
          if (j % ONE_TIMED_OF == 0) {
            long start = System.nanoTime();
            value = naive.logitDifference(patch);
            times.add((System.nanoTime() - start) / 1e6);
          } else {
            value = naive.logitDifferenceOnly(patch);
          }
          // Math.max keeps a NaN, so that a patch that was not made is not taken for an equal one.
          difference = Math.max(difference, Math.abs(value - values[first + some[j]]));
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
      first += chosen.get(i).length;
    }
    sweep.close();
    Collections.sort(times);
    Findings.report("naive", times.get(times.size() / 2));
    Findings.report("checked", (double) compared);
    Findings.report("difference", difference);
    Findings.report("spread", high - low);
    if (!(difference <= TOLERANCE)) {
      throw new IllegalStateException(
          "%s on %s: a patch is %s away from the same done naively, at most %s is allowed"
              .formatted(kind.text(), workload, difference, TOLERANCE));
    }
  }
}
