package dev.headlamp.bench.sweeps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.bench.models.ModelShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepFlopsTest {

  /** The ratios were worked out by hand, block by block, for GPT-2 small and 16 tokens. */
  @ParameterizedTest
  @CsvSource({
    "HEADS, A, 3.2, 0.05",
    "RESIDUAL, A, 5.9, 0.05",
    "HEADS_BY_POSITION, A, 6.5, 0.05",
    "PATTERN, A, 18, 0.5",
    "HEADS, B, 8.5, 0.05",
    "RESIDUAL, B, 37, 0.5",
    "HEADS_BY_POSITION, B, 40, 0.5",
    "PATTERN, B, 54, 0.5"
  })
  void naiveRunsDoThatManyTimesTheLeastWork(
      SweepKind kind, Workload workload, double ratio, double tolerance) {
    SweepFlops flops = SweepRuns.flops(ModelShape.GPT2.config(), workload);
    assertThat(flops.naive(kind) / flops.least(kind)).isCloseTo(ratio, within(tolerance));
  }

  @Test
  void theSweepsHaveTheirNumbersOfPatches() {
    SweepFlops flops = SweepRuns.flops(ModelShape.GPT2.config(), Workload.A);
    assertThat(flops.patches(SweepKind.HEADS)).isEqualTo(144);
    assertThat(flops.patches(SweepKind.RESIDUAL)).isEqualTo(192);
    assertThat(flops.patches(SweepKind.HEADS_BY_POSITION)).isEqualTo(9_216);
    assertThat(flops.patches(SweepKind.PATTERN)).isEqualTo(36_864);
  }

  /**
   * Of the residual stream in front of the last of one layer: k and v of the patched position, and
   * at the last position the output projection and the MLP; the query too if that is patched.
   */
  @Test
  void oneLayerCostsWhatItsMatricesCost() {
    var sizes = new dev.headlamp.bench.runs.ForwardFlops(1, 2, 8, 10);
    double projection = 2 * 2 * 2;
    double mlp = 2 * 2 * 2 * 8;
    assertThat(new SweepFlops(sizes, 1, 2, 0).least(SweepKind.RESIDUAL))
        .isEqualTo(2 * (3 * projection + mlp) + projection);
  }
}
