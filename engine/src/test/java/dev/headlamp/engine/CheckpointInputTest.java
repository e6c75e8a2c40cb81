package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.Checkpoint;
import dev.headlamp.weights.CheckpointFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Checkpoints that are no GPT-2 that can be built are refused, naming the field or the tensor. */
class CheckpointInputTest {

  @TempDir private Path folder;
  private CheckpointFolder checkpoint;

  @BeforeEach
  void copyTheTinyModel() throws IOException {
    checkpoint = CheckpointFolder.copyOf("tiny", folder);
  }

  static List<String> tensors() throws IOException {
    try (Checkpoint tiny = Checkpoint.open(Fixtures.model("tiny"))) {
      return tiny.names();
    }
  }

  @Test
  void theCopyItselfIsFine() throws IOException {
    try (Gpt2 model = Gpt2.load(checkpoint.path())) {
      assertThat(model.config().nLayers()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void aMissingTensorIsNamed(String name) throws IOException {
    String other = name.substring(0, name.length() - 1) + "x";
    checkpoint.withHeader('"' + name + '"', '"' + other + '"');
    assertRefused("tensor " + name + ": expected a tensor of this name");
  }

  @Test
  void aTensorOfAnotherShapeIsNamed() throws IOException {
    checkpoint.withHeader("\"shape\":[48,32]", "\"shape\":[32,48]");
    assertRefused("tensor wpe.weight: expected shape [48, 32], found shape [32, 48]");
  }

  @Test
  void sizesThatDoNotFitTheTensorsAreRefused() throws IOException {
    checkpoint.withConfig("vocab_size", "100");
    assertRefused("tensor wte.weight: expected shape [100, 32], found shape [101, 32]");
  }

  @Test
  void moreLayersThanTheFileHoldsAreRefused() throws IOException {
    checkpoint.withConfig("n_layer", "3");
    assertRefused("tensor h.2.attn.c_attn.weight: expected a tensor of this name");
  }

  @Test
  void fewerLayersThanTheFileHoldsAreRefused() throws IOException {
    checkpoint.withConfig("n_layer", "1");
    assertRefused("number of layers: expected all that the file holds, found 1, and tensor h.1.");
  }

  @Test
  void aMissingUnembeddingIsNamed(@TempDir Path other) throws IOException {
    CheckpointFolder untied = CheckpointFolder.copyOf("odd-shapes-untied", other);
    untied.withHeader("\"lm_head.weight\"", "\"lm_tail.weight\"");
    assertThatThrownBy(() -> Gpt2.load(untied.path()))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("tensor lm_head.weight: expected a tensor of this name");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "model_type|\"llama\"|field model_type: expected gpt2 or gpt_neo, found llama",
        "activation_function|\"tanh\"|field activation_function: expected one of gelu_new,",
        "add_cross_attention|true|field add_cross_attention: expected false, found true",
        "n_layer|0|nLayers (0) must be positive",
        "n_layer|-1|nLayers (-1) must be positive",
        "n_layer|2147483647|nLayers (2147483647) must be at most 65536",
        "n_layer|2.5|field n_layer: expected a whole number",
        "n_layer|null|field n_layer: expected a whole number, found no such field",
        "n_head|0|nHeads (0) must be positive",
        "n_head|-4|nHeads (-4) must be positive",
        "n_head|5|dModel (32) must be a multiple of nHeads (5)",
        "n_embd|0|dModel (0) must be positive",
        "n_embd|-32|dModel (-32) must be positive",
        "n_embd|2147483647|sizes: expected a GPT-2 that can be built",
        "n_inner|-1|dMlp (-1) must be positive",
        "n_positions|0|nCtx (0) must be positive",
        "vocab_size|0|dVocab (0) must be positive",
        "layer_norm_epsilon|-1e-5|layerNormEpsilon (-1.0E-5) must be in [0, 1)",
        "layer_norm_epsilon|1|layerNormEpsilon (1.0) must be in [0, 1)"
      })
  void aFieldThatCannotBeIsNamed(String field, String json, String message) throws IOException {
    checkpoint.withConfig(field, json);
    assertRefused(message);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "window_size|0|field window_size: expected 1 or more, found 0",
        "attention_layers|[\"global\"]|expected 4 entries, found 1 entries",
        "attention_layers|[\"global\", \"near\", \"local\", \"local\"]|expected global or local",
        "num_heads|0|nHeads (0) must be positive",
        "num_layers|2000000000|expected 2000000000 entries, found 4 entries"
      })
  void aGptNeoFieldThatCannotBeIsNamed(
      String field, String json, String message, @TempDir Path other) throws IOException {
    CheckpointFolder neo = CheckpointFolder.copyOf("gpt-neo", other).withConfig(field, json);
    assertThatThrownBy(() -> Gpt2.load(neo.path()))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining(message);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> Gpt2.load(checkpoint.path()))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining(message);
  }
}
