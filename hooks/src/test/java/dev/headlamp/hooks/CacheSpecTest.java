package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class CacheSpecTest {

  private static final Gpt2Config SMALL = Gpt2Config.gpt2();

  private static TokenBatch batch(int prompts, int length) {
    int[][] ids = new int[prompts][length];
    return TokenBatch.of(ids);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 15", "1, 1024", "100, 20", "3, 77"})
  void theDefaultCacheOfGpt2SmallTakes177433And288TimesTheLengthFloatsAPosition(
      int prompts, int length) {
    long floats = (long) prompts * length * (177_433 + 288L * length);
    assertThat(CacheSpec.defaults().bytes(SMALL, batch(prompts, length), DataType.FLOAT))
        .isEqualTo(4 * floats);
    assertThat(CacheSpec.defaults().bytes(SMALL, batch(prompts, length), DataType.DOUBLE))
        .isEqualTo(8 * floats);
  }

  @Test
  void theDefaultPointsAreThoseThatNeedNoFlagInTransformerLens() throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file("ioi-demo", "activations.safetensors"));
        HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      // The names with "unembed" are of its newer version.
      Set<String> needNoFlag =
          reference.names().stream()
              .filter(name -> !name.equals("tokens") && !name.startsWith("unembed."))
              .collect(Collectors.toSet());
      assertThat(CacheSpec.defaults().resolve(model.config()))
          .extracting(HookPoint::name)
          .containsExactlyInAnyOrderElementsOf(needNoFlag);
    }
  }

  @Test
  void everythingIsEveryPoint() {
    assertThat(CacheSpec.everything().resolve(SMALL))
        .containsExactlyElementsOf(HookPoint.all(SMALL));
  }

  @Test
  void positionsShrinkTheCacheInProportion() {
    CacheSpec patterns = CacheSpec.of(Activation.PATTERN, Activation.RESID_PRE);
    long floats = 12 * (12 * 2 * 50 + 2 * 768);
    assertThat(patterns.at(Positions.of(3, 49)).bytes(SMALL, batch(1, 50), DataType.FLOAT))
        .isEqualTo(4 * floats);
  }

  @Test
  void aRunThatStopsKeepsOnlyWhatItReaches() {
    long embeddings = 2 * 768;
    long block = (177_433 + 288 - embeddings - 769) / 12;
    assertThat(CacheSpec.defaults().stopAt(5).bytes(SMALL, batch(1, 1), DataType.FLOAT))
        .isEqualTo(4 * (embeddings + 5 * block));
  }

  @Test
  void namesInAnyFormMeanTheirPoints() {
    CacheSpec spec = CacheSpec.named(SMALL, "z3", "blocks.3.attn.hook_z", "mlp_in-1", "result0");
    assertThat(spec.resolve(SMALL))
        .containsExactly(
            HookPoint.of(Activation.RESULT, 0),
            HookPoint.of(Activation.Z, 3),
            HookPoint.of(Activation.MLP_IN, 11));
  }

  @Test
  void aNamedPointThatIsNeverReachedIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CacheSpec.named(SMALL, "blocks.0.hook_resid_prr"))
        .withMessageContaining("blocks.0.hook_resid_pre");
    CacheSpec ofLayer12 = CacheSpec.of(HookPoint.of(Activation.Z, 12));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ofLayer12.bytes(SMALL, batch(1, 2), DataType.FLOAT))
        .withMessage("layer 12 is out of range: gpt2 has layers 0 to 11");
    CacheSpec stopped = CacheSpec.named(SMALL, "z3", "z5").stopAt(5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stopped.bytes(SMALL, batch(1, 2), DataType.FLOAT))
        .withMessage("blocks.5.attn.hook_z cannot be kept: the run stops in front of layer 5");
  }

  @Test
  void positionsThatThePromptsHaveNotAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                CacheSpec.defaults().at(Positions.of(2)).bytes(SMALL, batch(1, 2), DataType.FLOAT))
        .withMessageContaining("position 2 is out of range");
  }
}
