package dev.headlamp.hooks.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.hooks.NextToken;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Distances of small distributions, worked out by hand. */
class DistanceTest {

  private static final double EXACT = 1e-14;

  /** Returns a distribution; its logits are the logarithms, moved by a constant. */
  private static NextToken of(double... probabilities) {
    double[] logits = new double[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Math.log(probabilities[i]) + 100;
    }
    try (INDArray array = Nd4j.createFromArray(logits)) {
      return NextToken.of(array.reshape(1, 1, logits.length), 0, 0);
    }
  }

  @Test
  void theDistancesOfAFairAndAnUnfairCoin() {
    NextToken fair = of(0.5, 0.5);
    NextToken unfair = of(0.9, 0.1);
    assertThat(Distance.KL.between(fair, unfair))
        .isCloseTo(0.5 * Math.log(0.5 / 0.9) + 0.5 * Math.log(0.5 / 0.1), within(EXACT));
    assertThat(Distance.KL.between(unfair, fair))
        .isCloseTo(0.9 * Math.log(1.8) + 0.1 * Math.log(0.2), within(EXACT));
    double toMiddle = 0.5 * Math.log(0.5 / 0.7) + 0.5 * Math.log(0.5 / 0.3);
    double fromMiddle = 0.9 * Math.log(0.9 / 0.7) + 0.1 * Math.log(0.1 / 0.3);
    assertThat(Distance.JENSEN_SHANNON.between(fair, unfair))
        .isCloseTo((toMiddle + fromMiddle) / 2, within(EXACT));
    assertThat(Distance.TOTAL_VARIATION.between(fair, unfair)).isCloseTo(0.4, within(EXACT));
    assertThat(Distance.L2.between(fair, unfair)).isCloseTo(Math.sqrt(0.32), within(EXACT));
  }

  @Test
  void distributionsWithNothingInCommonAreAsFarApartAsCanBe() {
    NextToken left = of(1, 0, 0);
    NextToken right = of(0, 1, 0);
    assertThat(Distance.KL.between(left, right)).isInfinite().isPositive();
    assertThat(Distance.JENSEN_SHANNON.between(left, right)).isCloseTo(Math.log(2), within(EXACT));
    assertThat(Distance.TOTAL_VARIATION.between(left, right)).isEqualTo(1);
    assertThat(Distance.L2.between(left, right)).isCloseTo(Math.sqrt(2), within(EXACT));
  }

  @Test
  void tokensOfProbabilityZeroCountForNothing() {
    NextToken p = of(0.5, 0.5, 0);
    NextToken q = of(0.25, 0.5, 0.25);
    assertThat(Distance.KL.between(p, q)).isCloseTo(0.5 * Math.log(2), within(EXACT));
    assertThat(Distance.KL.between(q, p)).isInfinite();
    assertThat(Distance.JENSEN_SHANNON.between(p, q)).isFinite().isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsApartFromItself(Distance distance) {
    NextToken p = of(0.2, 1e-300, 0, 0.8);
    assertThat(distance.between(p, p)).isEqualTo(0);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNoDistributionHasNoDistance(Distance distance) {
    assertThat(distance.between(of(0.5, 0.5), of(Double.NaN, 0.5))).isNaN();
    assertThat(distance.between(of(Double.NaN, 0.5), of(0.5, 0.5))).isNaN();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distance.between(of(0.5, 0.5), of(1)))
        .withMessage("distributions over 2 and 1 tokens cannot be compared");
  }
}
