package dev.headlamp.bench.harness;

/**
 * Thrown when this machine already runs a benchmark: each would measure the other. JMH locks for
 * one fork at a time, so of two commands either may be the one that fails.
 */
public final class AnotherBenchmarkException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  AnotherBenchmarkException(Throwable cause) {
    super(
        "another benchmark runs on this machine, and each would slow the other: start this one"
            + " when that has ended",
        cause);
  }
}
