package dev.headlamp.bench;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.PatchSweep;
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

/** Whole patching sweeps of prompts that differ at every token. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class PatchingBenchmark {

  /** What runs. */
  @Param("GPT2")
  public ModelShape shape;

  /** Prompts. */
  @Param("8")
  public int batch;

  /** Tokens of a prompt. */
  @Param("16")
  public int tokens;

  private HookedGpt2 model;
  private ActivationPatching patching;

  /** Makes the model and runs the prompts that are patched. */
  @Setup(Level.Trial)
  public void generate() {
    model = GeneratedModel.of(shape);
    TokenBatch clean = GeneratedModel.tokens(shape, batch, tokens, 2);
    TokenBatch corrupted = GeneratedModel.tokens(shape, batch, tokens, 3);
    patching =
        ActivationPatching.denoising(
            model, clean, corrupted, Metrics.logitDifference(new int[] {1}, new int[] {2}));
  }

  /** Returns the last patch's metric of a sweep over heads at all positions. */
  @Benchmark
  public double headsAtAllPositions() {
    return last(PatchSweep.head(Activation.Z));
  }

  /** Returns the last patch's metric of a sweep over the residual stream by position. */
  @Benchmark
  public double residualStreamByPosition() {
    return last(PatchSweep.residPre());
  }

  private double last(PatchSweep sweep) {
    double[] values = patching.run(sweep).values();
    return values[values.length - 1];
  }

  /** Frees the model. */
  @TearDown(Level.Trial)
  public void free() {
    patching.close();
    model.close();
  }
}
