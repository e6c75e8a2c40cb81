package dev.headlamp.bench;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import java.util.concurrent.TimeUnit;
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

/** A whole run with all logits, without and with a cache of the default points. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
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

  private HookedGpt2 model;
  private TokenBatch prompts;

  /** Makes the model. */
  @Setup(Level.Trial)
  public void generate() {
    model = GeneratedModel.of(shape);
    prompts = GeneratedModel.tokens(shape, batch, tokens, 2);
  }

  /** Returns a logit, so that the run cannot be left out. */
  @Benchmark
  public double forward() {
    try (INDArray logits = model.run(prompts)) {
      return logits.getDouble(0);
    }
  }

  /** Returns the bytes kept. */
  @Benchmark
  public long runWithCache() {
    try (CachedRun run = model.runWithCache(prompts, CacheSpec.defaults())) {
      return run.cache().bytes();
    }
  }

  /** Frees the model. */
  @TearDown(Level.Trial)
  public void free() {
    model.close();
  }
}
