package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every activation against TransformerLens', under the name it has there. */
class TransformerLensTest {

  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "ioi-demo"})
  void everyActivationIsTheOneOfThatName(String fixture) throws IOException {
    compare(fixture, "read", RecordingTap.everything());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "ioi-demo"})
  void everyActivationIsTheOneOfThatNameWhenEditsChangeNothing(String fixture) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model(fixture))) {
      Tap nothing = EditTap.everywhere(model.config(), value -> value);
      compare(fixture, "edited", RecordingTap.behind(nothing));
    }
  }

  private static void compare(String fixture, String how, RecordingTap recorded)
      throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file(fixture, "activations.safetensors"));
        Gpt2 model = Gpt2.load(Fixtures.model(fixture));
        RunResult result =
            model.run(RunSpec.of(References.tokens(reference, "tokens")).withTap(recorded))) {
      Differences differences = new Differences(fixture + " activations, " + how);
      for (String name : reference.names()) {
        if (!name.equals("tokens")) {
          HookPoint point = HookPoint.parse(name, model.config());
          assertThat(point.name()).isEqualTo(name);
          differences.add(name, expected(reference, point, model), recorded.get(point));
        }
      }
      differences.add("logits", reference.read("unembed.hook_out"), result.logits());
      differences.assertAtMost(TOLERANCE);
    }
  }

  /**
   * TransformerLens 3, which the reference is from, has {@code hook_normalized} before gain and
   * bias; version 2, which everybody's notebooks are written for, and this engine have it after.
   */
  private static INDArray expected(SafetensorsFile reference, HookPoint point, Gpt2 model)
      throws IOException {
    INDArray value = reference.read(point.name());
    return switch (point.activation()) {
      case LN1_NORMALIZED -> scaled(value, model.weights().blocks().get(point.layer()).ln1());
      case LN2_NORMALIZED -> scaled(value, model.weights().blocks().get(point.layer()).ln2());
      case LN_FINAL_NORMALIZED -> scaled(value, model.weights().lnFinal());
      default -> value;
    };
  }

  private static INDArray scaled(INDArray normalized, LayerNormWeights norm) {
    return normalized.mul(norm.gain()).addi(norm.bias());
  }
}
