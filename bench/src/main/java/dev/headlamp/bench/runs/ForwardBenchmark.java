package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.WarmUp;
import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.bench.products.NearbyRate;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
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

/** A whole run with all logits and no hooks. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class ForwardBenchmark {

  /** What runs. */
  @Param("GPT2")
  public ModelShape shape;

  /** Prompts. */
  @Param({"1", "8", "32"})
  public int batch;

  /** Tokens of a prompt. */
  @Param("16")
  public int tokens;

  /** Whether runs of a tiny model go before, until the JIT is quiet. */
  @Param("true")
  public boolean warm;

  private HookedGpt2 model;
  private TokenBatch prompts;

  /** Makes the model and warms up: long runs are too few for the JIT to compile what they do. */
  @Setup(Level.Trial)
  public void generate() {
    model = GeneratedModel.of(shape);
    prompts = GeneratedModel.tokens(shape.config(), batch, tokens, 2);
    if (warm) {
      try (HookedGpt2 tiny = GeneratedModel.of(ModelShape.TINY)) {
        TokenBatch alike = GeneratedModel.tokens(tiny.config(), batch, tokens, 2);
        WarmUp.run(() -> tiny.engine().run(RunSpec.of(alike)).close());
      }
    }
    NearbyRate.report();
  }

  /** Returns a logit, so that the run cannot be left out. */
  @Benchmark
  public double forward() {
    try (RunResult run = model.engine().run(RunSpec.of(prompts))) {
      return run.logits().getDouble(0);
    }
  }

  /** Frees the model. */
  @TearDown(Level.Trial)
  public void free() {
    NearbyRate.report();
    model.close();
  }
}
