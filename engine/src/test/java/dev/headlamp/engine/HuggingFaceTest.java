package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Logits, hidden states and attentions of every fixture model against Hugging Face's. */
class HuggingFaceTest {

  private static final double FLOAT_TOLERANCE = 1e-4;
  private static final double DOUBLE_TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "activation-gelu",
        "activation-relu",
        "activation-silu",
        "bfloat16",
        "gpt-neo",
        "half",
        "ioi-demo",
        "odd-shapes-untied",
        "sharded",
        "stanford-style",
        "tiny",
        "unscaled-attention"
      })
  void aRunInFloat32GivesWhatHuggingFaceGives(String fixture) throws IOException {
    compare(fixture, DataType.FLOAT, "f32.", FLOAT_TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "activation-gelu",
        "activation-relu",
        "activation-silu",
        "bfloat16",
        "half",
        "ioi-demo",
        "odd-shapes-untied",
        "sharded",
        "tiny",
        "unscaled-attention"
      })
  void aRunInFloat64GivesWhatHuggingFaceGives(String fixture) throws IOException {
    compare(fixture, DataType.DOUBLE, "f64.", DOUBLE_TOLERANCE);
  }

  /** Hugging Face computes these models' attention in float32, in a float64 model too. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt-neo", "stanford-style"})
  void aRunInFloat64IsAsCloseAsFloat32AttentionIs(String fixture) throws IOException {
    compare(fixture, DataType.DOUBLE, "f64.", FLOAT_TOLERANCE);
  }

  private static void compare(String fixture, DataType type, String prefix, double tolerance)
      throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file(fixture, "reference.safetensors"));
        Gpt2 model = Gpt2.load(Fixtures.model(fixture), type)) {
      compare(fixture + " " + type, model, reference, prefix, tolerance);
      compare(
          fixture + " " + type + ", portable operations",
          model.onPortableOperations(),
          reference,
          prefix,
          tolerance);
    }
  }

  private static void compare(
      String subject, Gpt2 model, SafetensorsFile reference, String prefix, double tolerance)
      throws IOException {
    RecordingTap recorded = RecordingTap.everything();
    TokenBatch tokens = References.tokens(reference, "tokens");
    INDArray logits = model.run(RunSpec.of(tokens).withTap(recorded)).logits();
    Differences differences = new Differences(subject);
    INDArray expected = reference.read(prefix + "logits");
    differences.add("logits", expected, logits);
    assertThat(References.argmax(logits)).isEqualTo(References.argmax(expected));
    int nLayers = model.config().nLayers();
    for (int layer = 0; layer <= nLayers; layer++) {
      HookPoint point =
          layer == nLayers
              ? HookPoint.of(Activation.LN_FINAL_NORMALIZED)
              : HookPoint.of(Activation.RESID_PRE, layer);
      differences.add(
          "hidden state " + layer,
          reference.read(prefix + "hidden_states." + layer),
          recorded.get(point));
    }
    for (int layer = 0; layer < nLayers; layer++) {
      differences.add(
          "attention " + layer,
          reference.read(prefix + "attentions." + layer),
          recorded.get(HookPoint.of(Activation.PATTERN, layer)));
    }
    differences.assertAtMost(tolerance);
  }
}
