package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Gpt2Config.ScoreScaling;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published sizes, and what the fields of a config.json mean. */
class Gpt2ConfigTest {

  @ParameterizedTest
  @CsvSource({
    "gpt2, 12, 12, 768, 3072, 124439808",
    "gpt2-medium, 24, 16, 1024, 4096, 354823168",
    "gpt2-large, 36, 20, 1280, 5120, 774030080",
    "gpt2-xl, 48, 25, 1600, 6400, 1557611200"
  })
  void thePresetsAreThePublishedModels(
      String name, int nLayers, int nHeads, int dModel, int dMlp, long parameters) {
    Gpt2Config preset =
        List.of(
                Gpt2Config.gpt2(),
                Gpt2Config.gpt2Medium(),
                Gpt2Config.gpt2Large(),
                Gpt2Config.gpt2Xl())
            .stream()
            .filter(config -> config.name().equals(name))
            .findFirst()
            .orElseThrow();
    assertThat(preset)
        .isEqualTo(
            new Gpt2Config(
                name,
                nLayers,
                nHeads,
                dModel,
                dMlp,
                1024,
                50257,
                1e-5,
                ActivationFunction.GELU_TANH,
                ScoreScaling.SQRT_D_HEAD,
                Collections.nCopies(nLayers, 0),
                true,
                50256));
    assertThat(preset.dHead()).isEqualTo(64);
    assertThat(parameters(preset)).isEqualTo(parameters);
  }

  @Test
  void whatAConfigLeavesOutIsAsInGpt2(@TempDir Path folder) throws IOException {
    String required = "\"n_layer\": 3, \"n_head\": 2, \"n_embd\": 8, \"vocab_size\": 50";
    Gpt2Config expected = Gpt2Config.ofSize("small", 3, 2, 8, 1024, 50);
    assertThat(read(folder, required + ", \"eos_token_id\": 49")).isEqualTo(expected);
    assertThat(read(folder, required).eosTokenId()).isNull();
  }

  @Test
  void theOldNameOfTheContextIsUnderstood(@TempDir Path folder) throws IOException {
    String sizes = "\"n_layer\": 3, \"n_head\": 2, \"n_embd\": 8, \"vocab_size\": 50";
    assertThat(read(folder, sizes + ", \"n_ctx\": 77").nCtx()).isEqualTo(77);
    assertThat(read(folder, sizes + ", \"n_ctx\": 77, \"n_positions\": 66").nCtx()).isEqualTo(66);
  }

  @ParameterizedTest
  @CsvSource({
    "gelu_new, GELU_TANH",
    "gelu_pytorch_tanh, GELU_TANH",
    "gelu_fast, GELU_TANH",
    "gelu, GELU",
    "relu, RELU",
    "silu, SILU",
    "swish, SILU"
  })
  void activationFunctionsGoByTheirNames(
      String name, ActivationFunction function, @TempDir Path folder) throws IOException {
    String sizes = "\"n_layer\": 1, \"n_head\": 2, \"n_embd\": 8, \"vocab_size\": 50";
    Gpt2Config config = read(folder, sizes + ", \"activation_function\": \"" + name + "\"");
    assertThat(config.activation()).isEqualTo(function);
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, SQRT_D_HEAD, 2.8284271247461903, 2.8284271247461903",
    "false, false, NONE, 1, 1",
    "false, true, LAYER, 1, 3",
    "true, true, SQRT_D_HEAD_AND_LAYER, 2.8284271247461903, 8.48528137423857"
  })
  void scoresAreDividedAsTheTwoSwitchesSay(
      boolean byWidth,
      boolean byLayer,
      ScoreScaling scaling,
      double inLayer0,
      double inLayer2,
      @TempDir Path folder)
      throws IOException {
    Gpt2Config config =
        read(
            folder,
            "\"n_layer\": 3, \"n_head\": 2, \"n_embd\": 16, \"vocab_size\": 50,"
                + (" \"scale_attn_weights\": " + byWidth + ",")
                + (" \"scale_attn_by_inverse_layer_idx\": " + byLayer));
    assertThat(config.scaling()).isEqualTo(scaling);
    assertThat(config.scoreDivisor(0)).isCloseTo(inLayer0, within(1e-15));
    assertThat(config.scoreDivisor(2)).isCloseTo(inLayer2, within(1e-14));
  }

  @Test
  void everyFieldOfAnOddModelIsRead() throws IOException {
    assertThat(ofFixture("odd-shapes-untied"))
        .isEqualTo(
            new Gpt2Config(
                "odd-shapes-untied",
                3,
                5,
                35,
                50,
                19,
                67,
                1e-3,
                ActivationFunction.GELU_TANH,
                ScoreScaling.SQRT_D_HEAD,
                List.of(0, 0, 0),
                false,
                0));
  }

  @Test
  void gptNeoHasWindowsAndUnscaledScores() throws IOException {
    Gpt2Config neo = ofFixture("gpt-neo");
    assertThat(neo.attentionWindows()).containsExactly(0, 6, 0, 6);
    assertThat(neo.scaling()).isEqualTo(ScoreScaling.NONE);
    assertThat(neo.dMlp()).isEqualTo(128);
  }

  @Test
  void layersHeadsAndTokensOutOfRangeAreRefusedWithTheRule() {
    Gpt2Config gpt2 = Gpt2Config.gpt2();
    assertThat(gpt2.checkLayer(11)).isEqualTo(11);
    assertThat(gpt2.checkHead(0)).isZero();
    assertThat(gpt2.checkToken(50256)).isEqualTo(50256);
    assertThatThrownBy(() -> gpt2.checkLayer(12))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer 12 is out of range: gpt2 has layers 0 to 11");
    assertThatThrownBy(() -> gpt2.checkHead(-1))
        .hasMessage("head -1 is out of range: gpt2 has heads 0 to 11");
    assertThatThrownBy(() -> gpt2.checkToken(50257))
        .hasMessage("token id 50257 is out of range: gpt2 has ids 0 to 50256");
    assertThatThrownBy(() -> gpt2.scoreDivisor(12)).hasMessageStartingWith("layer 12 is out of");
  }

  @Test
  void sizesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> Gpt2Config.ofSize("x", 1, 3, 8, 10, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dModel (8) must be a multiple of nHeads (3)");
    assertThatThrownBy(() -> Gpt2Config.ofSize("x", -1, 2, 8, 10, 10))
        .hasMessage("nLayers (-1) must be positive");
    assertThatThrownBy(() -> Gpt2Config.ofSize("x", 1, 2, 8, 10, 0))
        .hasMessage("dVocab (0) must be positive");
  }

  private static long parameters(Gpt2Config c) {
    long d = c.dModel();
    long m = c.dMlp();
    long block = 4 * d + 3 * (d * d + d) + (d * d + d) + (d * m + m) + (m * d + d);
    return (c.dVocab() + c.nCtx()) * d + c.nLayers() * block + 2 * d;
  }

  private static Gpt2Config ofFixture(String name) throws IOException {
    return Gpt2Config.from(name, ConfigFile.read(Fixtures.file(name, "config.json")));
  }

  private static Gpt2Config read(Path folder, String fields) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), "{" + fields + "}");
    return Gpt2Config.from("small", ConfigFile.read(file));
  }
}
