package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every sweep of TransformerLens' {@code patching.py} against what it gave. */
class PatchSweepTest {

  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "ioi-demo"})
  void everySweepGivesWhatTransformerLensGives(String fixture) throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file(fixture, "patching.safetensors"));
        HookedGpt2 model = HookedGpt2.load(Fixtures.model(fixture))) {
      TokenBatch clean = References.tokens(reference, "tokens.clean");
      TokenBatch corrupted = References.tokens(reference, "tokens.corrupted");
      int[][] answers = References.rows(reference, "answers");
      Metric metric =
          Metrics.logitDifference(References.column(answers, 0), References.column(answers, 1));
      try (ActivationPatching patching =
          ActivationPatching.denoising(model, clean, corrupted, metric)) {
        assertThat(patching.cleanMetric())
            .containsExactly(
                References.doubles(reference, "logit_difference.clean"), within(TOLERANCE));
        assertThat(patching.corruptedMetric())
            .containsExactly(
                References.doubles(reference, "logit_difference.corrupted"), within(TOLERANCE));
        double largest = 0;
        int compared = 0;
        for (Map.Entry<String, PatchSweep> sweep : sweeps().entrySet()) {
          if (reference.has(sweep.getKey())) {
            LabelledArray result = patching.run(sweep.getValue());
            double[] expected = References.doubles(reference, sweep.getKey());
            assertThat(result.values())
                .as(sweep.getKey())
                .containsExactly(expected, within(TOLERANCE));
            largest = Math.max(largest, References.largestDifference(expected, result.values()));
            compared++;
          }
        }
        System.out.printf(
            "%s: %d sweeps compared, largest difference %.2e%n", fixture, compared, largest);
        assertThat(compared).isEqualTo(reference.names().size() - 5);
      }
    }
  }

  private static Map<String, PatchSweep> sweeps() {
    Map<String, PatchSweep> sweeps = new LinkedHashMap<>();
    sweeps.put("layer_pos.resid_pre", PatchSweep.residPre());
    sweeps.put("layer_pos.resid_mid", PatchSweep.residMid());
    sweeps.put("layer_pos.attn_out", PatchSweep.attnOut());
    sweeps.put("layer_pos.mlp_out", PatchSweep.mlpOut());
    for (Activation activation :
        new Activation[] {Activation.Z, Activation.Q, Activation.K, Activation.V}) {
      sweeps.put("layer_head." + activation.shortName(), PatchSweep.head(activation));
      sweeps.put("layer_pos_head." + activation.shortName(), PatchSweep.headByPos(activation));
    }
    sweeps.put("layer_head.pattern", PatchSweep.head(Activation.PATTERN));
    sweeps.put("layer_head_dest.pattern", PatchSweep.patternByDest());
    sweeps.put("layer_head_dest_src.pattern", PatchSweep.patternByDestAndSource());
    return sweeps;
  }
}
