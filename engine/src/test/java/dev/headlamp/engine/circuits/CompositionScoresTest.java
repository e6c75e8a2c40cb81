package dev.headlamp.engine.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.engine.linalg.FactoredMatrix;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Composition scores against TransformerLens' and against their formula. */
class CompositionScoresTest {

  @ParameterizedTest
  @EnumSource
  void scoresAreTransformerLenses(Composition kind) throws IOException {
    try (SafetensorsFile file =
            SafetensorsFile.open(Fixtures.file("tiny", "processed.safetensors"));
        Gpt2 model =
            Gpt2.load(Fixtures.model("tiny"), DataType.FLOAT, WeightProcessing.transformerLens())) {
      INDArray expected = file.read("all.composition." + kind);
      INDArray scores = CompositionScores.of(model, kind);
      assertThat(scores.shape()).isEqualTo(expected.shape());
      assertThat(scores.dup('c').data().asDouble())
          .containsExactly(expected.data().asDouble(), within(1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource
  void scoresOfThreeLayersFollowTheFormula(Composition kind) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("odd-shapes-untied"), DataType.DOUBLE)) {
      INDArray scores = CompositionScores.of(model, kind);
      for (int earlier = 0; earlier < 3; earlier++) {
        for (int later = 0; later < 3; later++) {
          double expected = 0;
          if (earlier < later) {
            INDArray left = HeadWeights.of(model, earlier, 4).ov().product();
            INDArray right = receiver(kind, HeadWeights.of(model, later, 2)).product();
            expected = norm(left.mmul(right)) / norm(left) / norm(right);
          }
          assertThat(scores.getDouble(earlier, 4, later, 2)).isCloseTo(expected, within(1e-12));
        }
      }
    }
  }

  private static FactoredMatrix receiver(Composition kind, HeadWeights head) {
    return switch (kind) {
      case Q -> head.qk();
      case K -> head.qk().transpose();
      case V -> head.ov();
    };
  }

  private static double norm(INDArray matrix) {
    return matrix.norm2Number().doubleValue();
  }

  @Test
  void aHeadThatDoesNothingComposesWithNobody() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      HeadWeights.of(model, 0, 2).wO().assign(0);
      INDArray scores = CompositionScores.of(model, Composition.V);
      assertThat(scores.getDouble(0, 2, 1, 3)).isZero();
      assertThat(scores.getDouble(0, 1, 1, 3)).isPositive();
    }
  }
}
