package dev.headlamp.bench.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs JMH benchmarks, each in a fork of its own, and keeps what JMH says of them. */
public final class Forks {

  private static final List<String> USUAL_ARGUMENTS =
      List.of(
          "-Xmx2g",
          "-Djava.awt.headless=true",
          "-Dorg.bytedeco.javacpp.maxbytes=0",
          "-Dorg.bytedeco.javacpp.maxphysicalbytes=0");

  /** JMH's: whether it runs though another benchmark does. */
  private static final String IGNORE_LOCK = "jmh.ignoreLock";

  /** What JMH says when another benchmark runs. */
  private static final String LOCKED = "Unable to acquire the JMH lock";

  private final Effort effort;
  private final List<RunResult> results = new ArrayList<>();

  /** Makes forks that do as much as {@code effort} says. */
  public Forks(Effort effort) {
    this.effort = effort;
    if (effort == Effort.QUICK) {
      // Its times mean nothing, and tests, which run it, shall not fail because somebody measures.
      // JMH reads this once for the whole JVM.
      System.setProperty(IGNORE_LOCK, "true");
    }
  }

  /** Returns how much is done. */
  public Effort effort() {
    return effort;
  }

  /**
   * Runs a benchmark.
   *
   * @throws AnotherBenchmarkException if another is running
   * @throws IllegalStateException if it fails
   */
  public Measured run(Measurement measurement) {
    try {
      Path findings = Files.createTempFile("headlamp-bench", ".findings");
      try {
        System.setProperty(Findings.FILE, findings.toString());
        RunResult result = only(new Runner(options(measurement, findings)).run(), measurement);
        results.add(result);
        return Measured.of(result.getPrimaryResult().getStatistics(), Findings.read(findings));
      } finally {
        Files.delete(findings);
      }
    } catch (RunnerException e) {
      if (String.valueOf(e.getMessage()).contains(LOCKED)) {
        throw new AnotherBenchmarkException(e);
      }
      throw new IllegalStateException(
          "%s.%s of %s failed"
              .formatted(
                  measurement.benchmark().getSimpleName(),
                  measurement.method(),
                  measurement.parameters()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a benchmark in several forks, one after the other.
   *
   * @throws IllegalStateException if one of them fails
   */
  public Measured run(Measurement measurement, int times) {
    int actual = effort == Effort.QUICK ? 1 : times;
    return Measured.bestOf(IntStream.range(0, actual).mapToObj(fork -> run(measurement)).toList());
  }

  private org.openjdk.jmh.runner.options.Options options(Measurement measurement, Path findings) {
    boolean quick = effort == Effort.QUICK;
    List<String> arguments = new ArrayList<>(USUAL_ARGUMENTS);
    arguments.add("-D" + Findings.FILE + "=" + findings);
    arguments.addAll(measurement.jvmArguments());
    TimeValue each = TimeValue.milliseconds(quick ? 1 : measurement.each().toMillis());
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(
                measurement.benchmark().getName().replace(".", "\\.")
                    + "\\."
                    + measurement.method()
                    + "$")
            .forks(quick ? 0 : 1)
            .jvmArgsAppend(arguments.toArray(String[]::new))
            .warmupIterations(quick ? 0 : measurement.warmups())
            .warmupTime(each)
            .measurementIterations(quick ? 1 : measurement.iterations())
            .measurementTime(each)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    for (Map.Entry<String, String> parameter : measurement.parameters().entrySet()) {
      options = options.param(parameter.getKey(), parameter.getValue());
    }
    return options.build();
  }

  private static RunResult only(Collection<RunResult> results, Measurement measurement) {
    if (results.size() != 1) {
      throw new IllegalStateException(
          "%s.%s is %d benchmarks: a parameter is missing"
              .formatted(
                  measurement.benchmark().getSimpleName(), measurement.method(), results.size()));
    }
    return results.iterator().next();
  }

  /** Writes everything that was run so far in JMH's JSON. */
  public void writeJson(Path file) throws IOException {
    try {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, file.toString()).writeOut(results);
    } catch (RuntimeException e) {
      throw new IOException("cannot write " + file, e);
    }
  }
}
