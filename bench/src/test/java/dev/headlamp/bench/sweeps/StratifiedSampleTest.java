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
  void asManyAreChosenAsAreAskedForAndNoneTwice() {
    int[] some = StratifiedSample.someOf(50, 144, 5);
    assertThat(IntStream.of(some).distinct().toArray()).hasSize(50).isSorted();
    assertThat(some[49]).isBetween(141, 143);
    assertThat(StratifiedSample.someOf(200, 144, 5)).isEqualTo(IntStream.range(0, 144).toArray());
  }
}
