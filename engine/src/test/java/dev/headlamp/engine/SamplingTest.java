package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often each token is chosen, against the probabilities it should be chosen with. */
class SamplingTest {

  private static final int DRAWS = 20_000;
  private static final double[] LOGITS =
      Arrays.stream(new double[] {0.05, 0.5, 0.15, 0.3}).map(Math::log).toArray();

  @Test
  void tokensComeAsOftenAsTheirProbabilitiesSay() {
    assertFrequencies(Sampling.temperature(1, 0), 0.05, 0.5, 0.15, 0.3);
  }

  @Test
  void logitsAreOnlyMeantUpToAConstant() {
    double[] shifted = Arrays.stream(LOGITS).map(x -> x + 5000).toArray();
    assertFrequencies(Sampling.temperature(1, 0), shifted, 0.05, 0.5, 0.15, 0.3);
  }

  @Test
  void aTemperatureOfOneHalfSquaresProbabilities() {
    double sum = 0.0025 + 0.25 + 0.0225 + 0.09;
    assertFrequencies(
        Sampling.temperature(0.5, 0), 0.0025 / sum, 0.25 / sum, 0.0225 / sum, 0.09 / sum);
  }

  @Test
  void topKKeepsTheMostProbable() {
    assertFrequencies(Sampling.temperature(1, 0).withTopK(2), 0, 0.5 / 0.8, 0, 0.3 / 0.8);
  }

  @Test
  void topKBeyondTheVocabularyKeepsAll() {
    assertFrequencies(Sampling.temperature(1, 0).withTopK(99), 0.05, 0.5, 0.15, 0.3);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertFrequencies(Sampling.temperature(1, 0).withTopP(0.79), 0, 0.5 / 0.8, 0, 0.3 / 0.8);
    assertFrequencies(
        Sampling.temperature(1, 0).withTopP(0.81), 0, 0.5 / 0.95, 0.15 / 0.95, 0.3 / 0.95);
  }

  @Test
  void topPIsOfWhatTopKLeft() {
    // Of 0.5 and 0.3 alone, 0.5 is 62.5 %.
    assertFrequencies(Sampling.temperature(1, 0).withTopK(2).withTopP(0.62), 0, 1, 0, 0);
    assertFrequencies(
        Sampling.temperature(1, 0).withTopK(2).withTopP(0.63), 0, 0.5 / 0.8, 0, 0.3 / 0.8);
  }

  @Test
  void aTokenRuledOutIsNeverChosen() {
    double[] logits = {0, Double.NEGATIVE_INFINITY, 0, Double.NEGATIVE_INFINITY};
    assertFrequencies(Sampling.temperature(1, 0), logits, 0.5, 0, 0.5, 0);
  }

  @Test
  void ofEqualLogitsGreedyTakesTheLowestId() {
    int chosen = Sampling.greedy().choose(new double[] {1, 3, 3, 2}, new SplittableRandom(0));
    assertThat(chosen).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void logitsThatAreNoDistributionAreRefused(double wrong) {
    for (Sampling sampling : new Sampling[] {Sampling.greedy(), Sampling.temperature(1, 0)}) {
      for (int at = 0; at < 3; at++) {
        double[] logits = {0, 1, 2};
        logits[at] = wrong;
        assertThatThrownBy(() -> sampling.choose(logits, new SplittableRandom(0)))
            .isInstanceOf(ArithmeticException.class)
            .hasMessage("no token can be chosen: a logit is NaN, or the largest is not finite");
      }
    }
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> Sampling.temperature(-0.1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("temperature (-0.1) must be a finite number, 0 or more");
    assertThatThrownBy(() -> Sampling.temperature(Double.NaN, 0))
        .hasMessage("temperature (NaN) must be a finite number, 0 or more");
    assertThatThrownBy(() -> Sampling.temperature(Double.POSITIVE_INFINITY, 0))
        .hasMessage("temperature (Infinity) must be a finite number, 0 or more");
    assertThatThrownBy(() -> Sampling.greedy().withTopK(-1))
        .hasMessage("top-k (-1) must be 0 or more");
    assertThatThrownBy(() -> Sampling.greedy().withTopP(0))
        .hasMessage("top-p (0.0) must be in (0, 1]");
    assertThatThrownBy(() -> Sampling.greedy().withTopP(1.01))
        .hasMessage("top-p (1.01) must be in (0, 1]");
  }

  private static void assertFrequencies(Sampling sampling, double... probabilities) {
    assertFrequencies(sampling, LOGITS, probabilities);
  }

  /** Allows five standard deviations of a binomial count. */
  private static void assertFrequencies(
      Sampling sampling, double[] logits, double... probabilities) {
    SplittableRandom random = new SplittableRandom(1);
    int[] counts = new int[logits.length];
    for (int i = 0; i < DRAWS; i++) {
      counts[sampling.choose(logits, random)]++;
    }
    for (int token = 0; token < counts.length; token++) {
      double p = probabilities[token];
      double deviation = Math.sqrt(p * (1 - p) / DRAWS);
      assertThat(counts[token] / (double) DRAWS)
          .as("token " + token)
          .isCloseTo(p, within(5 * deviation));
    }
  }
}
