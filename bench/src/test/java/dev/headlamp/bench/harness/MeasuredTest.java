package dev.headlamp.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuredTest {

  @Test
  void theBestOfSeveralForksHasTheShortestTimesAndTheLargestRates() {
    Measured slow = new Measured(23, 18, Map.of("gflops", 410.0, "naive", 7.0));
    Measured fast = new Measured(21, 19, Map.of("gflops", 390.0));
    assertThat(Measured.bestOf(List.of(slow, fast)))
        .isEqualTo(new Measured(21, 18, Map.of("gflops", 410.0, "naive", 7.0)));
  }
}
