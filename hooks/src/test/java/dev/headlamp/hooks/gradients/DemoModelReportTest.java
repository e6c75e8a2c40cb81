package dev.headlamp.hooks.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.References;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How far estimates are from what TransformerLens' patching measured on the demo model. */
class DemoModelReportTest {

  @Test
  void theMeasuredEffectsAreTransformerLens() throws IOException {
    Pairs pairs = Pairs.of("ioi-demo");
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"));
        SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file("ioi-demo", "patching.safetensors"))) {
      AttributionPatching attribution =
          AttributionPatching.denoising(model, pairs.clean(), pairs.corrupted(), pairs.metric());
      double corrupted =
          Arrays.stream(References.doubles(reference, "logit_difference.corrupted"))
              .average()
              .orElseThrow();
      for (PatchSweep sweep :
          List.of(
              PatchSweep.head(Activation.Z),
              PatchSweep.head(Activation.PATTERN),
              PatchSweep.headByPos(Activation.V),
              PatchSweep.residPre(),
              PatchSweep.attnOut(),
              PatchSweep.mlpOut())) {
        ApproximationReport report = attribution.compare(sweep);
        System.out.println(report.text());
        String name =
            String.join("_", sweep.axes().stream().map(PatchAxis::label).toList())
                + "."
                + sweep.activation().shortName();
        double[] expected =
            Arrays.stream(References.doubles(reference, name)).map(v -> v - corrupted).toArray();
        assertThat(report.measured().values()).containsExactly(expected, within(1e-4));
      }
    }
  }
}
