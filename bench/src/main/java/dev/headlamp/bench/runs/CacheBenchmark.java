package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.Findings;
import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
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
 * A whole run with all logits: plain, with a cache of the default points, and the copying of as
 * many bytes as that cache keeps. All in one fork, so that they have the same machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class CacheBenchmark {

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
  private TokenBatch prompts;
  private BytePointer from;
  private BytePointer to;

  /** Makes the model, and memory of the size of the cache. */
  @Setup(Level.Trial)
  public void generate() {
    model = GeneratedModel.of(shape);
    prompts = GeneratedModel.tokens(shape.config(), batch, tokens, 2);
    long bytes = runWithCache();
    Findings.report("bytes", (double) bytes);
    from = new BytePointer(bytes).fill(1);
    to = new BytePointer(bytes).fill(0);
  }

  /** Returns a logit. */
  @Benchmark
  public double forward() {
    try (RunResult run = model.engine().run(RunSpec.of(prompts))) {
      return run.logits().getDouble(0);
    }
  }

  /** Returns the bytes kept. */
  @Benchmark
  public long runWithCache() {
    try (CachedRun run = model.runWithCache(prompts, CacheSpec.defaults())) {
      return run.cache().bytes();
    }
  }

  /** Returns one of the bytes copied. */
  @Benchmark
  public byte copyTheBytesKept() {
    Pointer.memcpy(to, from, from.capacity());
    return to.get(0);
  }

  /** Frees everything. */
  @TearDown(Level.Trial)
  public void free() {
    from.close();
    to.close();
    model.close();
  }
}
