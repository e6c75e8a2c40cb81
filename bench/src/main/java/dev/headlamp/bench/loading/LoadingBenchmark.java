package dev.headlamp.bench.loading;

import dev.headlamp.bench.harness.Findings;
import dev.headlamp.bench.models.GeneratedCheckpoint;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
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

/** Loading a float32 checkpoint of one file, and reading its bytes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 7)
public class LoadingBenchmark {

  /** The model of the checkpoint; GPT-2 small has 498 MB. */
  @Param("GPT2")
  public ModelShape shape;

  private Path folder;

  /** Writes the checkpoint. */
  @Setup(Level.Trial)
  public void write() throws IOException {
    folder = Files.createTempDirectory("headlamp-checkpoint");
    checkpoint().write(folder);
    Findings.report("bytes", (double) checkpoint().bytes());
  }

  private GeneratedCheckpoint checkpoint() {
    return new GeneratedCheckpoint(shape.config(), DataType.FLOAT, 1);
  }

  /** Loads the model. */
  @Benchmark
  public Object load() throws IOException {
    try (Gpt2 model = Gpt2.load(folder)) {
      return model.config();
    }
  }

  /** Loads the model and runs it on one token, in which weights are packed. */
  @Benchmark
  public double loadAndRun() throws IOException {
    try (Gpt2 model = Gpt2.load(folder);
        RunResult run = model.run(RunSpec.of(TokenBatch.of(new int[][] {{1}})))) {
      return run.logits().getDouble(0);
    }
  }

  /** Reads the file's bytes into fresh memory outside the Java heap. */
  @Benchmark
  public byte read() throws IOException {
    try (FileChannel file = FileChannel.open(folder.resolve("model.safetensors"));
        BytePointer memory = new BytePointer(file.size())) {
      ByteBuffer bytes = memory.asByteBuffer();
      while (bytes.hasRemaining()) {
        if (file.read(bytes) < 0) {
          throw new EOFException("the file has become shorter");
        }
      }
      return memory.get(0);
    }
  }

  /** Loads the model and reports the peak of the process' anonymous memory. */
  @Benchmark
  public Object memory() throws IOException, InterruptedException {
    try (AnonymousMemory memory = AnonymousMemory.watch()) {
      Object config = load();
      Findings.report("peak", (double) memory.peakBytes());
      return config;
    }
  }

  /** Deletes the checkpoint. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }
}
