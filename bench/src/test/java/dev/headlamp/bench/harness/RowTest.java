package dev.headlamp.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.bench.harness.Row.Style;
import dev.headlamp.bench.harness.Row.Verdict;
import org.junit.jupiter.api.Test;

class RowTest {

  @Test
  void aShareIsReachedFromItsTargetOn() {
    assertThat(Row.atLeast("x", 0.8, 0.8, Style.SHARE, "").verdict()).isEqualTo(Verdict.PASS);
    assertThat(Row.atLeast("x", 0.8, 0.799, Style.SHARE, "").verdict()).isEqualTo(Verdict.MISS);
  }

  @Test
  void aCostIsReachedUpToItsLimit() {
    assertThat(Row.atMost("x", 1.3, 1.3, Style.FACTOR, "").verdict()).isEqualTo(Verdict.PASS);
    assertThat(Row.atMost("x", 1.3, 1.301, Style.FACTOR, "").verdict()).isEqualTo(Verdict.MISS);
  }

  @Test
  void whatIsNoNumberReachesNothing() {
    assertThat(Row.atLeast("x", 0, Double.NaN, Style.FACTOR, "").verdict()).isEqualTo(Verdict.MISS);
    assertThat(Row.atMost("x", 9, Double.NaN, Style.FACTOR, "").verdict()).isEqualTo(Verdict.MISS);
  }

  @Test
  void ratiosAreWrittenInTheirStyle() {
    Row row = Row.atLeast("x", 0.55, 0.7654, Style.SHARE, "12 ms");
    assertThat(row.target()).isEqualTo("≥ 55.0 %");
    assertThat(row.measured()).isEqualTo("76.5 %: 12 ms");
  }
}
