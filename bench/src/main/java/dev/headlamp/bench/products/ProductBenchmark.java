package dev.headlamp.bench.products;

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

/** A product of a {@code [rows, 768]} and a {@code [768, 2304]} matrix. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 3, time = 1)
public class ProductBenchmark {

  /** How it is computed. */
  @Param public Route route;

  /** Rows of the first matrix. */
  @Param({"1", "16", "128", "512"})
  public int rows;

  private Product product;

  /** Makes the matrices. */
  @Setup(Level.Trial)
  public void open() {
    product = route.open(rows);
  }

  /** Returns an element of the product. */
  @Benchmark
  public float multiply() {
    product.multiply();
    return product.get(0, 0);
  }

  /** Frees the matrices. */
  @TearDown(Level.Trial)
  public void close() {
    product.close();
  }
}
