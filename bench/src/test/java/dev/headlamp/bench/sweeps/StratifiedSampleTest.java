package dev.headlamp.bench.sweeps;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StratifiedSampleTest {

  @Test
  void everyStratumHasOneChosen() {
    int[] chosen = StratifiedSample.oneOfEvery(16, 2304, 5);
    assertThat(IntStream.of(chosen).map(i -> i / 16).toArray())
        .isEqualTo(IntStream.range(0, 144).toArray());
  }

  @Test
  void aStratumOfOneIsTheWhole() {
    assertThat(StratifiedSample.oneOfEvery(1, 144, 5)).isEqualTo(IntStream.range(0, 144).toArray());
  }

  @Test
  void aLastStratumThatIsCutShortStaysInside() {
    assertThat(StratifiedSample.oneOfEvery(16, 17, 5)).hasSize(2).endsWith(16);
  }

  @Test
  void notFewerAreChosenThanAreAskedFor() {
    assertThat(StratifiedSample.about(50, 576, 5)).hasSizeBetween(50, 60);
    assertThat(StratifiedSample.about(600, 576, 5)).isEqualTo(IntStream.range(0, 576).toArray());
  }
}
