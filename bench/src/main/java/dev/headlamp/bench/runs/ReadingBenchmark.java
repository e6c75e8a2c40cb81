package dev.headlamp.bench.runs;

import dev.headlamp.bench.models.ModelShape;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
 * Reading as many bytes as the weights that a token needs, with two threads: each half from end to
 * end, or at eight places in turn, which some machines' prefetching needs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class ReadingBenchmark {

  /** Of whose weights' size. */
  @Param("GPT2")
  public ModelShape shape;

  /** Whether a thread reads at eight places in turn. */
  @Param({"false", "true"})
  public boolean eightPlaces;

  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private List<Callable<Long>> halves;

  /** Writes what is read. */
  @Setup(Level.Trial)
  public void fill() {
    int longs = (int) (ForwardFlops.of(shape.config()).weightBytesOfAToken() / Long.BYTES / 2);
    long[] first = new long[longs];
    long[] second = new long[longs];
    for (int i = 0; i < longs; i++) {
      first[i] = i;
      second[i] = -i;
    }
    halves =
        Stream.of(first, second)
            .<Callable<Long>>map(half -> () -> eightPlaces ? sumOfEighths(half) : sum(half))
            .toList();
  }

  /** Sums up; the few at the end that make no eighth are left out. */
  private static long sumOfEighths(long[] values) {
    int eighth = values.length / 8;
    long a = 0;
    long b = 0;
    long c = 0;
    long d = 0;
    for (int i = 0; i < eighth; i++) {
      a += values[i] + values[i + eighth];
      b += values[i + 2 * eighth] + values[i + 3 * eighth];
      c += values[i + 4 * eighth] + values[i + 5 * eighth];
      d += values[i + 6 * eighth] + values[i + 7 * eighth];
    }
    return a + b + c + d;
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }

  /** Returns the sum of everything. */
  @Benchmark
  public long read() throws InterruptedException, ExecutionException {
    long sum = 0;
    for (Future<Long> half : threads.invokeAll(halves)) {
      sum += half.get();
    }
    return sum;
  }

  /** Ends the threads. */
  @TearDown(Level.Trial)
  public void end() {
    threads.shutdown();
  }
}
