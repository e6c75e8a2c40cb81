package dev.headlamp.bench.harness;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One benchmark method with the values of its parameters.
 *
 * @param benchmark the class of the method
 * @param method its name
 * @param parameters the values of those parameters that are not the class' own
 * @param jvmArguments what the fork is started with beside the usual
 * @param warmups iterations before those that count
 * @param iterations iterations that count
 * @param each how long an iteration takes; a single shot takes as long as it takes
 */
public record Measurement(
    Class<?> benchmark,
    String method,
    Map<String, String> parameters,
    List<String> jvmArguments,
    int warmups,
    int iterations,
    Duration each) {

  /** Copies the collections. */
  public Measurement {
    parameters = Map.copyOf(parameters);
    jvmArguments = List.copyOf(jvmArguments);
  }

  /** Returns a measurement with one second of warm-up and three that count. */
  public static Measurement of(Class<?> benchmark, String method) {
    return new Measurement(benchmark, method, Map.of(), List.of(), 1, 3, Duration.ofSeconds(1));
  }

  /** Returns this with a parameter set. */
  public Measurement with(String parameter, Object value) {
    Map<String, String> more = new LinkedHashMap<>(parameters);
    more.put(parameter, value.toString());
    return new Measurement(benchmark, method, more, jvmArguments, warmups, iterations, each);
  }

  /** Returns this with one more argument for the fork's JVM. */
  public Measurement withJvmArgument(String argument) {
    List<String> more = Stream.concat(jvmArguments.stream(), Stream.of(argument)).toList();
    return new Measurement(benchmark, method, parameters, more, warmups, iterations, each);
  }

  /** Returns this with other numbers of iterations. */
  public Measurement iterations(int warmups, int iterations) {
    return new Measurement(benchmark, method, parameters, jvmArguments, warmups, iterations, each);
  }

  /** Returns this with longer or shorter iterations. */
  public Measurement each(Duration each) {
    return new Measurement(benchmark, method, parameters, jvmArguments, warmups, iterations, each);
  }
}
