package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What {@code cache} writes, against TransformerLens' activations. */
class CacheCommandTest {

  private static final String FILE = "activations.safetensors";
  private static final Offset<Double> TOLERANCE = within(1e-4);

  @TempDir private Path folder;

  private CommandLineRun cache(String... options) {
    long[] tokens = References.rows("ioi-demo", FILE, "tokens").get(0);
    List<String> args =
        new ArrayList<>(List.of("--tokens", References.typed(tokens), "--out", folder.toString()));
    args.addAll(Arrays.asList(options));
    return CommandLineRun.on("ioi-demo", "cache", args.toArray(String[]::new));
  }

  private SafetensorsFile written() throws IOException {
    return SafetensorsFile.open(folder.resolve(FILE));
  }

  @Test
  void everyActivationIsThatOfTransformerLensUnderItsName() throws IOException {
    assertThat(cache("--points", "all").status()).isZero();
    try (SafetensorsFile written = written();
        SafetensorsFile reference = SafetensorsFile.open(Fixtures.file("ioi-demo", FILE))) {
      int compared = 0;
      for (String name : reference.names()) {
        assertThat(written.info(name).shape()).as(name).isEqualTo(reference.info(name).shape());
        // TransformerLens 3, which wrote the reference, has hook_normalized before gain and bias.
        if (!name.equals("tokens") && !name.endsWith("hook_normalized")) {
          assertClose(name, written.read(name), reference.read(name));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(60);
      assertThat(written.readLongs("tokens")).isEqualTo(reference.readLongs("tokens"));
      assertClose("logits", written.read("logits"), reference.read("unembed.hook_out"));
    }
  }

  private static void assertClose(String name, INDArray actual, INDArray expected) {
    double[] actuals = actual.data().asDouble();
    double[] expecteds = expected.data().asDouble();
    for (int i = 0; i < expecteds.length; i++) {
      // Masked scores are minus infinity in both.
      if (actuals[i] != expecteds[i]) {
        assertThat(actuals[i]).as("%s, value %d", name, i).isCloseTo(expecteds[i], TOLERANCE);
      }
    }
  }

  @Test
  void onlyTheNamedPointsAreKept() throws IOException {
    cache("--points", "pattern,blocks.2.attn.hook_z,resid_post-1");
    try (SafetensorsFile written = written()) {
      assertThat(Set.copyOf(written.names()))
          .isEqualTo(
              Set.of(
                  "tokens",
                  "logits",
                  "blocks.0.attn.hook_pattern",
                  "blocks.1.attn.hook_pattern",
                  "blocks.2.attn.hook_pattern",
                  "blocks.3.attn.hook_pattern",
                  "blocks.2.attn.hook_z",
                  "blocks.3.hook_resid_post"));
    }
  }

  @Test
  void jsonNamesThePoints() {
    Json document = Json.parse(cache("--points", "z", "--json").out());
    assertThat(document.get("points").items().stream().map(Json::value))
        .containsExactly(
            "blocks.0.attn.hook_z",
            "blocks.1.attn.hook_z",
            "blocks.2.attn.hook_z",
            "blocks.3.attn.hook_z");
  }
}
