package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Differences;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.References;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The gradient of a logit difference at every point that TransformerLens' backward hooks kept. */
class TransformerLensGradientsTest {

  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void everyGradientIsTheOneOfThatName(DataType type) throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file("tiny", "gradients.safetensors"));
        Gpt2 model = Gpt2.load(Fixtures.model("tiny"), type)) {
      TokenBatch tokens = References.tokens(reference, "tokens");
      Map<HookPoint, String> names =
          reference.names().stream()
              .filter(name -> name.contains("hook_"))
              .collect(Collectors.toMap(name -> HookPoint.parse(name, model.config()), n -> n));
      Differences differences = new Differences("tiny gradients " + type);
      try (GradientTape tape =
          GradientTape.record(model, tokens, LogitSelection.last(), names.keySet())) {
        INDArray logitGradient = Nd4j.zerosLike(tape.logits());
        long[] answers = reference.readLongs("answers");
        for (int prompt = 0; prompt < tokens.batch(); prompt++) {
          logitGradient.putScalar(prompt, 0, answers[2 * prompt], 1.0 / tokens.batch());
          logitGradient.putScalar(prompt, 0, answers[2 * prompt + 1], -1.0 / tokens.batch());
        }
        Map<HookPoint, INDArray> gradients = tape.gradients(logitGradient);
        for (Map.Entry<HookPoint, String> entry : names.entrySet()) {
          INDArray gradient = gradients.get(entry.getKey()).castTo(DataType.FLOAT);
          differences.add(entry.getValue(), reference.read(entry.getValue()), gradient);
        }
      }
      differences.assertAtMost(TOLERANCE);
    }
  }
}
