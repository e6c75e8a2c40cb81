package dev.headlamp.hooks.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Metrics of logits that are given, so that each value can be worked out beside it. */
class RunMetricsTest {

  private static final TokenBatch THREE =
      TokenBatch.of(new int[] {1, 2}, new int[] {2, 0}, new int[] {0, 1});

  /** Logits [3, 1, 3] at the last position. */
  private static INDArray last() {
    return Nd4j.createFromArray(new double[][][] {{{2, 1, 0}}, {{0, 3, 0}}, {{1, 1, Double.NaN}}});
  }

  @Test
  void accuracyIsTheShareOfPromptsWhoseAnswerHasTheLargerLogit() {
    Metric accuracy = RunMetrics.accuracy(new int[] {0}, new int[] {1, 2, 1});
    try (INDArray logits = last()) {
      // The selection of a metric is of its tokens, in the order in which they are first named.
      assertThat(accuracy.perPrompt(logits, THREE)).containsExactly(1, 0, 0);
      assertThat(accuracy.mean(logits, THREE)).isCloseTo(1.0 / 3, within(1e-15));
    }
  }

  @Test
  void accuracyOfNoNumberIsNoNumber() {
    Metric accuracy = RunMetrics.accuracy(new int[] {0}, new int[] {1, 1, 2});
    assertThat(accuracy.perPrompt(last(), THREE)[2]).isNaN();
  }

  @Test
  void crossEntropyIsThatOfHuggingFacesLogits() throws IOException {
    try (SafetensorsFile file =
            SafetensorsFile.open(Fixtures.file("tiny", "reference.safetensors"));
        INDArray logits = file.read("f64.logits");
        INDArray ids = file.read("tokens")) {
      int[][] tokens = ids.toIntMatrix();
      double[] measured = Metrics.crossEntropy().perPrompt(logits, TokenBatch.of(tokens));
      for (int prompt = 0; prompt < tokens.length; prompt++) {
        double sum = 0;
        for (int pos = 1; pos < tokens[prompt].length; pos++) {
          double[] row = logits.slice(prompt).slice(pos - 1).dup('c').data().asDouble();
          double total = 0;
          for (double logit : row) {
            total += Math.exp(logit);
          }
          sum += Math.log(total) - row[tokens[prompt][pos]];
        }
        assertThat(measured[prompt]).isCloseTo(sum / (tokens[prompt].length - 1), within(1e-12));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  Metrics.crossEntropy()
                      .perPrompt(Nd4j.zeros(1, 1, 101), TokenBatch.of(new int[] {4})))
          .withMessageContaining("prompt 0 has one token only");
    }
  }

  @Test
  void theDistanceFromAnotherRunIsThatOfItsNextTokens() {
    INDArray logits = last();
    List<NextToken> original =
        List.of(NextToken.of(logits, 1, 0), NextToken.of(logits, 1, 0), NextToken.of(logits, 0, 0));
    Metric kl = RunMetrics.distanceFrom(original, Distance.KL);
    double[] measured = kl.perPrompt(logits, THREE);
    double z0 = Math.exp(2) + Math.exp(1) + 1;
    double z1 = Math.exp(3) + 2;
    double expected =
        (1 / z1) * (-2 - Math.log(z1 / z0))
            + (Math.exp(3) / z1) * (2 - Math.log(z1 / z0))
            + (1 / z1) * (0 - Math.log(z1 / z0));
    assertThat(measured[0]).isCloseTo(expected, within(1e-14));
    assertThat(measured[1]).isZero();
    assertThat(measured[2]).isNaN();
    assertThat(kl.name()).isEqualTo("KL(original ‖ this run), nats");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kl.perPrompt(logits, TokenBatch.of(new int[] {4})))
        .withMessage("the original run has 3 prompts, this one has 1");
  }
}
