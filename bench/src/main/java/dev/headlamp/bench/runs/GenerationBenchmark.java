package dev.headlamp.bench.runs;

import dev.headlamp.bench.harness.WarmUp;
import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.engine.GenerationSpec;
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

/** Greedy continuations of one prompt of 16 tokens. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class GenerationBenchmark {

  /** What runs. */
  @Param("GPT2")
  public ModelShape shape;

  /** Tokens added: the first comes with the prompt, every other is a run of its own. */
  @Param({"1", "33"})
  public int added;

  /** Whether a tiny model goes before, until the JIT is quiet. */
  @Param("true")
  public boolean warm;

  private HookedGpt2 model;
  private TokenBatch prompt;

  /** Makes the model and warms up. */
  @Setup(Level.Trial)
  public void generate() {
    model = GeneratedModel.of(shape);
    prompt = GeneratedModel.tokens(shape.config(), 1, 16, 2);
    if (warm) {
      try (HookedGpt2 tiny = GeneratedModel.of(ModelShape.TINY)) {
        TokenBatch alike = GeneratedModel.tokens(tiny.config(), 1, 16, 2);
        WarmUp.run(() -> tiny.engine().generate(alike, GenerationSpec.greedy(added)));
      }
    }
  }

  /** Returns what was generated. */
  @Benchmark
  public Object continuePrompt() {
    return model.engine().generate(prompt, GenerationSpec.greedy(added));
  }

  /** Frees the model. */
  @TearDown(Level.Trial)
  public void free() {
    model.close();
  }
}
