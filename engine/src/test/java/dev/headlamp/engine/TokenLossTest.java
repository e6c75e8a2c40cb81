package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Cross-entropy against -ln softmax of Hugging Face's logits, written out here. */
class TokenLossTest {

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "ioi-demo"})
  void theLossIsThatOfHuggingFacesLogits(String fixture) throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file(fixture, "reference.safetensors"));
        Gpt2 model = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE)) {
      TokenBatch tokens = References.tokens(reference, "tokens");
      INDArray expected = reference.read("f64.logits");
      double sum = 0;
      int count = 0;
      double[][] losses;
      try (RunResult result = model.run(RunSpec.of(tokens))) {
        losses = TokenLoss.perToken(result.logits(), tokens);
      }
      for (int prompt = 0; prompt < tokens.batch(); prompt++) {
        assertThat(losses[prompt]).hasSize(tokens.length() - 1);
        for (int pos = 0; pos + 1 < tokens.length(); pos++) {
          double[] row = Values.of(expected.slice(prompt).slice(pos));
          double loss = -Math.log(softmax(row, tokens.id(prompt, pos + 1)));
          assertThat(losses[prompt][pos]).isCloseTo(loss, within(1e-11));
          sum += loss;
          count++;
        }
      }
      assertThat(TokenLoss.mean(losses)).isCloseTo(sum / count, within(1e-11));
    }
  }

  @ParameterizedTest
  @EnumSource
  void paddingHasNoLoss(Padding side) {
    List<int[]> prompts = List.of(new int[] {5, 17, 99, 3}, new int[] {1, 2}, new int[] {64});
    TokenBatch batch = TokenBatch.padded(prompts, side, 0);
    try (RunResult together = Tiny.DOUBLE.run(RunSpec.of(batch))) {
      double[][] losses = TokenLoss.perToken(together.logits(), batch);
      for (int prompt = 0; prompt < prompts.size(); prompt++) {
        TokenBatch alone = TokenBatch.of(prompts.get(prompt));
        try (RunResult result = Tiny.DOUBLE.run(RunSpec.of(alone))) {
          assertThat(losses[prompt])
              .containsExactly(TokenLoss.perToken(result.logits(), alone)[0], within(1e-11));
        }
      }
    }
  }

  @Test
  void equalLogitsCostTheLogarithmOfTheVocabulary() {
    TokenBatch tokens = TokenBatch.of(new int[] {1, 2, 3});
    INDArray equal = Nd4j.valueArrayOf(new long[] {1, 3, 101}, 7000.0, DataType.DOUBLE);
    assertThat(TokenLoss.perToken(equal, tokens)[0])
        .containsExactly(new double[] {4.61512051684126, 4.61512051684126}, within(1e-12));
  }

  @Test
  void theMeanIsOverAllTokens() {
    assertThat(TokenLoss.mean(new double[][] {{1, 2, 6}, {}, {11}})).isEqualTo(5);
  }

  @Test
  void logitsThatLackPositionsOrTokensAreRefused() {
    TokenBatch tokens = TokenBatch.of(new int[] {1, 2, 3});
    assertThatThrownBy(() -> TokenLoss.perToken(Nd4j.zeros(1, 2, 101), tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss needs logits at all 3 positions of 1 prompts, not [1, 2, 101]");
    assertThatThrownBy(() -> TokenLoss.perToken(Nd4j.zeros(1, 3), tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss needs logits at all 3 positions of 1 prompts, not [1, 3]");
    assertThatThrownBy(() -> TokenLoss.perToken(Nd4j.zeros(1, 3, 2), tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss needs the logits of every token: there are 2, and none of token id 2");
  }

  @Test
  void aMeanOfNothingIsRefused() {
    assertThatThrownBy(() -> TokenLoss.mean(new double[][] {{}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no prompt has a second token to be surprised by");
  }

  private static double softmax(double[] logits, int of) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - logits[of]);
    }
    return 1 / sum;
  }
}
