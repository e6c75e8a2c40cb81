package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The function between an MLP's two matrices, by the names a {@code config.json} gives it. */
public enum ActivationFunction {
  /**
   * GPT-2's own: 0.5·x·(1 + tanh(sqrt(2/π)·(x + 0.044715·x³))), the tanh approximation of Hendrycks
   * and Gimpel (2016).
   */
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast"),
  /** The exact form: 0.5·x·(1 + erf(x/sqrt(2))). */
  GELU("gelu"),
  /** max(x, 0). */
  RELU("relu"),
  /** x·sigmoid(x). */
  SILU("silu", "swish");

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable, its type does not say so.
  private final List<String> names;

  ActivationFunction(String... names) {
    this.names = List.of(names);
  }

  static Optional<ActivationFunction> named(String name) {
    return Arrays.stream(values()).filter(f -> f.names.contains(name)).findFirst();
  }

  static String allNames() {
    return String.join(", ", Arrays.stream(values()).flatMap(f -> f.names.stream()).toList());
  }
}
