package dev.headlamp.bench.prefixes;

import dev.headlamp.bench.harness.Findings;
import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
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
 * Logits of two tokens behind prompts that share prefixes: in plain batches, as a user makes them
 * who knows that only the last position is read, and as a tree.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class PrefixBenchmark {

  /** Prompts in a batch; divides 8,448. */
  static final int BATCH = 32;

  private static final double TOLERANCE = 1e-4;
  private static final int CORRECT = 1;
  private static final int WRONG = 2;
  private static final int WARM_UPS = 3;

  /** What runs. */
  @Param("GPT2")
  public ModelShape shape;

  /** Of how many plain batches one is run; 1 for all. */
  @Param("16")
  public int oneOf;

  private HookedGpt2 model;
  private List<int[]> prompts;
  private double[] differences = {};

  /** Makes the model and warms up. */
  @Setup(Level.Trial)
  public void generate() {
    model = GeneratedModel.of(shape);
    prompts = PrefixPrompts.all();
    for (int i = 0; i < WARM_UPS; i++) {
      plain(0);
      tree(prompts.subList(0, BATCH * BATCH));
    }
  }

  /** Returns the logit differences of the batches that are run. */
  @Benchmark
  public List<double[]> plainBatches() {
    List<double[]> batches = new ArrayList<>();
    for (int first = 0; first < prompts.size(); first += BATCH * oneOf) {
      batches.add(plain(first));
    }
    return batches;
  }

  /** Returns the logit differences of all prompts. */
  @Benchmark
  public double[] asTree() {
    differences = tree(prompts);
    return differences;
  }

  private double[] plain(int first) {
    TokenBatch batch = TokenBatch.of(prompts.subList(first, first + BATCH).toArray(int[][]::new));
    try (RunResult run =
        model
            .engine()
            .run(RunSpec.of(batch).withLogits(LogitSelection.last().tokens(CORRECT, WRONG)))) {
      return IntStream.range(0, BATCH)
          .mapToDouble(i -> run.logits().getDouble(i, 0, 0) - run.logits().getDouble(i, 0, 1))
          .toArray();
    }
  }

  private double[] tree(List<int[]> some) {
    try (INDArray logits = model.engine().lastLogits(some, CORRECT, WRONG)) {
      return IntStream.range(0, some.size())
          .mapToDouble(i -> logits.getDouble(i, 0) - logits.getDouble(i, 1))
          .toArray();
    }
  }

  /** Compares the tree with plain batches, if it was run, and frees the model. */
  @TearDown(Level.Trial)
  public void compare() {
    List<double[]> batches = differences.length == 0 ? List.of() : plainBatches();
    double difference = 0;
    for (int batch = 0; batch < batches.size(); batch++) {
      for (int i = 0; i < BATCH; i++) {
        double apart = batches.get(batch)[i] - differences[batch * BATCH * oneOf + i];
        difference = Math.max(difference, Math.abs(apart));
      }
    }
    model.close();
    Findings.report("difference", difference);
    if (!(difference <= TOLERANCE)) {
      throw new IllegalStateException(
          "a logit difference as a tree is %s away from a plain batch's, at most %s is allowed"
              .formatted(difference, TOLERANCE));
    }
  }
}
