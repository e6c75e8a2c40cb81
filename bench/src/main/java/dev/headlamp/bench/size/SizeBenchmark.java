package dev.headlamp.bench.size;

import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.PatchSweep;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** A forward pass with all logits, and patches of the residual stream, of models of any size. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 2, time = 1)
public class SizeBenchmark {

  private static final int CONTEXT = 1024;

  /** Blocks. */
  @Param("12")
  public int layers;

  /** Width of the residual stream. */
  @Param("768")
  public int width;

  /** Heads of a layer. */
  @Param("12")
  public int heads;

  /** Prompts. */
  @Param("8")
  public int batch;

  /** Tokens of a prompt. */
  @Param("16")
  public int tokens;

  /** Patches of a sweep. */
  @Param("12")
  public int patches;

  /** Tokens the model knows. */
  @Param("50257")
  public int vocabulary;

  private HookedGpt2 model;
  private TokenBatch prompts;
  private TokenBatch others;

  /** Makes the model. */
  @Setup(Level.Trial)
  public void generate() {
    Gpt2Config config = Gpt2Config.ofSize("generated", layers, heads, width, CONTEXT, vocabulary);
    model = GeneratedModel.of(config);
    prompts = GeneratedModel.tokens(config, batch, tokens, 2);
    others = GeneratedModel.tokens(config, batch, tokens, 3);
  }

  /** Returns a logit. */
  @Benchmark
  public double forward() {
    try (RunResult run = model.engine().run(RunSpec.of(prompts))) {
      return run.logits().getDouble(0);
    }
  }

  /** Returns the metrics of patches that are spread evenly over layers and positions. */
  @Benchmark
  public Object patch() {
    int all = layers * tokens;
    try (ActivationPatching patching =
        ActivationPatching.denoising(
            model, prompts, others, Metrics.logitDifference(new int[] {1}, new int[] {2}))) {
      return patching.runSome(
          PatchSweep.residPre(), IntStream.range(0, patches).map(i -> i * all / patches).toArray());
    }
  }

  /** Frees the model. */
  @TearDown(Level.Trial)
  public void free() {
    model.close();
  }
}
