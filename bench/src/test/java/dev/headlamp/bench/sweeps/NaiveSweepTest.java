package dev.headlamp.bench.sweeps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.bench.models.GeneratedModel;
import dev.headlamp.bench.models.ModelShape;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.PatchSweep;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NaiveSweepTest {

  @ParameterizedTest
  @EnumSource(SweepKind.class)
  void theLibraryGivesWhatIsDoneNaively(SweepKind kind) {
    Gpt2Config config = ModelShape.TINY.config();
    TokenBatch clean = Workload.B.clean(config);
    TokenBatch corrupted = Workload.B.corrupted(config);
    try (HookedGpt2 model = GeneratedModel.of(ModelShape.TINY);
        ActivationPatching patching =
            ActivationPatching.denoising(
                model, clean, corrupted, Metrics.logitDifference(new int[] {1}, new int[] {2}))) {
      for (PatchSweep sweep : kind.sweeps()) {
        double[] values = patching.run(sweep).values();
        try (NaiveSweep naive = new NaiveSweep(model, clean, corrupted, sweep, 1, 2)) {
          for (int patch = 0; patch < values.length; patch += 7) {
            assertThat(values[patch]).isCloseTo(naive.logitDifference(patch), within(1e-6));
            assertThat(values[patch]).isCloseTo(naive.logitDifferenceOnly(patch), within(1e-6));
          }
        }
      }
    }
  }
}
