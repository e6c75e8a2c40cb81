package dev.headlamp.hooks.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Intervals against those that theory gives. */
class BootstrapTest {

  /** The 97.5 % quantiles of the normal distribution and of Student's t with 39 degrees. */
  private static final double NORMAL = 1.959964;

  private static final double STUDENT_39 = 2.022691;

  private static double[] normalSample(int size, long seed) {
    Random random = new Random(seed);
    double[] sample = new double[size];
    Arrays.setAll(sample, i -> 5 + 2 * random.nextGaussian());
    return sample;
  }

  private static double mean(double[] sample) {
    return Arrays.stream(sample).average().orElseThrow();
  }

  private static double standardError(double[] sample) {
    double mean = mean(sample);
    double squares = Arrays.stream(sample).map(x -> (x - mean) * (x - mean)).sum();
    return Math.sqrt(squares / (sample.length - 1) / sample.length);
  }

  @Test
  void theIntervalOfAMeanIsTheNormalOne() {
    double[] sample = normalSample(1000, 3);
    ConfidenceInterval interval = Bootstrap.seeded(1).mean(sample);
    double error = standardError(sample);
    assertThat(interval.estimate()).isCloseTo(mean(sample), within(1e-12));
    assertThat(interval.level()).isEqualTo(0.95);
    // A 2.5 % quantile of 10,000 draws has a standard error of 0.027 of theirs.
    assertThat((interval.upper() - mean(sample)) / error).isCloseTo(NORMAL, within(0.12));
    assertThat((mean(sample) - interval.lower()) / error).isCloseTo(NORMAL, within(0.12));
  }

  @Test
  void ofManySamplesItCoversTheTruthAboutAsOftenAsStudents() {
    int samples = 600;
    int covered = 0;
    int coveredByStudent = 0;
    Bootstrap bootstrap = new Bootstrap(1000, 0.95, 7);
    for (int seed = 0; seed < samples; seed++) {
      double[] sample = normalSample(40, seed);
      covered += bootstrap.mean(sample).contains(5) ? 1 : 0;
      coveredByStudent += Math.abs(mean(sample) - 5) <= STUDENT_39 * standardError(sample) ? 1 : 0;
    }
    // Both are binomial, with a standard deviation of 5.3 of 600; the two see the same samples.
    assertThat(coveredByStudent).isBetween(554, 586);
    assertThat(covered).isBetween(coveredByStudent - 20, coveredByStudent + 5);
  }

  @Test
  void theIntervalOfTenCoinsIsTheBinomialOne() {
    double[] coins = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
    // P(X <= 1) = 0.011, P(X <= 2) = 0.055; P(X <= 7) = 0.945, P(X <= 8) = 0.989.
    assertThat(Bootstrap.seeded(11).mean(coins))
        .isEqualTo(new ConfidenceInterval(0.5, 0.2, 0.8, 0.95));
  }

  @Test
  void aConstantSampleHasAnIntervalOfNoWidth() {
    assertThat(Bootstrap.seeded(0).mean(new double[] {3.5, 3.5, 3.5}))
        .isEqualTo(new ConfidenceInterval(3.5, 3.5, 3.5, 0.95));
  }

  @Test
  void oneSeedGivesOneInterval() {
    double[] sample = normalSample(30, 1);
    assertThat(Bootstrap.seeded(4).mean(sample)).isEqualTo(Bootstrap.seeded(4).mean(sample));
    assertThat(Bootstrap.seeded(5).mean(sample)).isNotEqualTo(Bootstrap.seeded(4).mean(sample));
  }

  @Test
  void anyStatisticHasAnInterval() {
    double[] sample = {9, 1, 5};
    ConfidenceInterval largest =
        new Bootstrap(2000, 0.5, 2).of(sample, values -> Arrays.stream(values).max().orElseThrow());
    // P(max = 9) = 19/27, P(max <= 5) = 8/27, P(max = 1) = 1/27: quartiles 5 and 9.
    assertThat(largest).isEqualTo(new ConfidenceInterval(9, 5, 9, 0.5));
    assertThat(sample).containsExactly(9, 1, 5);
  }

  @Test
  void whatHasNoIntervalIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bootstrap.seeded(0).mean(new double[0]))
        .withMessage("a sample needs at least one value");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bootstrap.seeded(0).mean(new double[] {1, Double.NaN}))
        .withMessage("the sample holds a NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> new Bootstrap(0, 0.95, 0));
    for (double level : new double[] {0, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Bootstrap(10, level, 0))
          .withMessageContaining(Double.toString(level));
    }
  }
}
