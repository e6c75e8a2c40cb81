package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.engine.WeightProcessing.Step;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model says how its weights were processed, and keeps its tokenizer. */
class HookedGpt2ProcessingTest {

  private static final String TEXT = "Mary and John";

  @Test
  void aModelSaysHowItWasProcessed() throws IOException {
    try (HookedGpt2 raw = HookedGpt2.load(Fixtures.model("tiny"));
        HookedGpt2 course =
            HookedGpt2.load(Fixtures.model("tiny"), DataType.FLOAT, WeightProcessing.course());
        HookedGpt2 folded = raw.processed(WeightProcessing.of(Step.FOLD_LN))) {
      assertThat(raw.processing()).isEqualTo(WeightProcessing.none());
      assertThat(course.processing()).isEqualTo(WeightProcessing.course());
      assertThat(folded.processing()).isEqualTo(WeightProcessing.of(Step.FOLD_LN));
    }
  }

  @Test
  void closingAProcessedModelLeavesTheOneItWasMadeOfItsTokenizer() throws IOException {
    try (HookedGpt2 raw = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      int[][] expected = raw.tokenizer().toTokens(List.of(TEXT));
      HookedGpt2 processed = raw.processed(WeightProcessing.transformerLens());
      assertThat(processed.tokenizer().toTokens(List.of(TEXT))).isDeepEqualTo(expected);
      processed.close();
      assertThat(raw.tokenizer().toTokens(List.of(TEXT))).isDeepEqualTo(expected);
      try (INDArray logits = raw.run(raw.toTokens(TEXT))) {
        assertThat(logits.sumNumber().doubleValue()).isFinite();
      }
    }
  }
}
