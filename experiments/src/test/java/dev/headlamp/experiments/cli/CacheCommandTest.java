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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code cache} writes, against TransformerLens' activations. */
class CacheCommandTest {

  private static final String FILE = "activations.safetensors";
  private static final double TOLERANCE = 1e-4;

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
        if (!name.equals("tokens")) {
          assertThat(written.read(name).data().asDouble())
              .as(name)
              .containsExactly(reference.read(name).data().asDouble(), within(TOLERANCE));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(70);
      assertThat(written.readLongs("tokens")).isEqualTo(reference.readLongs("tokens"));
      assertThat(written.read("logits").data().asDouble())
          .containsExactly(reference.read("unembed.hook_out").data().asDouble(), within(TOLERANCE));
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
