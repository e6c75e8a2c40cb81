package dev.headlamp.bench.harness;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Work repeated until the JIT has little left to do: it compiles on the cores that are measured,
 * and slows every product of matrices meanwhile.
 */
public final class WarmUp {

  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** So long the JIT must have been quiet. */
  private static final Duration QUIET = Duration.ofSeconds(3);

  /** For so long at least it is watched before it is judged. */
  private static final Duration STRETCH = Duration.ofSeconds(1);

  /** What share of a core it may then have taken. */
  private static final double SHARE = 0.03;

  private WarmUp() {}

  /** Runs the work at least once, until the JIT is quiet or it takes too long to become so. */
  public static void run(Runnable work) {
    CompilationMXBean jit = ManagementFactory.getCompilationMXBean();
    run(work, jit == null ? () -> 0 : jit::getTotalCompilationTime, STRETCH, QUIET, LONGEST);
  }

  /**
   * Runs the work likewise.
   *
   * @param compiled how many milliseconds the JIT has compiled so far
   */
  static void run(
      Runnable work, LongSupplier compiled, Duration stretch, Duration quiet, Duration longest) {
    long begin = System.nanoTime();
    long busy = begin;
    long now = begin;
    do {
      long start = now;
      long before = compiled.getAsLong();
      do {
        work.run();
        now = System.nanoTime();
      } while (now - start < stretch.toNanos());
      if ((compiled.getAsLong() - before) * 1e6 > SHARE * (now - start)) {
        busy = now;
      }
    } while (now - busy < quiet.toNanos() && now - begin < longest.toNanos());
  }
}
