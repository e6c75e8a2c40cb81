package dev.headlamp.engine;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Logits, hidden states and attentions of every fixture model against Hugging Face's. */
@Tag("smoke")
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
    compare(fixture, DataType.FLOAT, "f32", FLOAT_TOLERANCE);
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
    compare(fixture, DataType.DOUBLE, "f64", DOUBLE_TOLERANCE);
  }

  /** Hugging Face computes these models' attention in float32, in a float64 model too. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt-neo", "stanford-style"})
  void aRunInFloat64IsAsCloseAsFloat32AttentionIs(String fixture) throws IOException {
    compare(fixture, DataType.DOUBLE, "f64", FLOAT_TOLERANCE);
  }

  private static void compare(String fixture, DataType type, String precision, double tolerance)
      throws IOException {
    try (SafetensorsFile file =
            SafetensorsFile.open(Fixtures.file(fixture, "reference.safetensors"));
        Gpt2 model = Gpt2.load(Fixtures.model(fixture), type)) {
      HuggingFaceReference reference = new HuggingFaceReference(file);
      String subject = fixture + " " + type;
      reference.compare(subject, model, precision, tolerance);
      reference.compare(
          subject + ", portable operations", model.onPortableOperations(), precision, tolerance);
    }
  }
}
