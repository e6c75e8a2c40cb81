package dev.headlamp.hooks.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberStyleTest {

  @ParameterizedTest
  @CsvSource({
    "2.5, 2.50",
    "0.14, 0.14",
    "0.096, 0.096",
    "0.0073, 0.0073",
    "0.00057, 5.7e-04",
    "0, 0.00",
    "2e6, 2.0e+06"
  })
  void theEndOfAScaleKeepsTwoDigitsAndIsNoPowerOfTenUnlessItMust(double end, String written) {
    assertThat(NumberStyle.ofScale(end).write(end)).isEqualTo(written);
  }
}
