package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Tag("smoke")
class CheckpointTest {

  @TempDir private Path folder;

  @Test
  void aModelInOneFileOpens() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.model("tiny"));
        INDArray wte = checkpoint.read("wte.weight", DataType.FLOAT, 101, 32)) {
      assertThat(checkpoint.folder()).isEqualTo(Fixtures.model("tiny"));
      assertThat(checkpoint.config().integer("n_embd")).isEqualTo(32);
      assertThat(checkpoint.info("wte.weight").shape()).containsExactly(101L, 32L);
      assertThat(wte.shape()).containsExactly(101, 32);
    }
  }

  @Test
  void aModelInShardsReadsAsTheBytesOfItsShardsSay() throws IOException {
    Path model = Fixtures.model("sharded");
    Map<String, SafetensorsChecker.Tensor> expected = new TreeMap<>();
    for (String shard : List.of("model-00001-of-00002", "model-00002-of-00002")) {
      byte[] bytes = Files.readAllBytes(model.resolve(shard + ".safetensors"));
      expected.putAll(SafetensorsChecker.check(bytes).orElseThrow());
    }
    try (Checkpoint sharded = Checkpoint.open(model)) {
      assertThat(sharded.names()).hasSize(28).containsExactlyElementsOf(expected.keySet());
      assertThat(sharded.has("transformer.wte.weight")).isTrue();
      assertThat(sharded.has("wte.weight")).isFalse();
      for (String name : sharded.names()) {
        FloatBuffer bytes = expected.get(name).littleEndian().asFloatBuffer();
        float[] values = new float[bytes.remaining()];
        bytes.get(values);
        try (INDArray array = sharded.read(name, DataType.FLOAT)) {
          assertThat(array.data().asFloat()).isEqualTo(values);
        }
      }
    }
  }

  @Test
  void aMissingTensorAndAWrongShapeAreNamed() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.model("tiny"))) {
      assertThatThrownBy(() -> checkpoint.read("lm_head.weight", DataType.FLOAT, 101, 32))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("tensor lm_head.weight: expected a tensor of this name");
      assertThatThrownBy(() -> checkpoint.read("wte.weight", DataType.FLOAT, 32, 101))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("model.safetensors")
          .hasMessageContaining(
              "tensor wte.weight: expected shape [32, 101], found shape [101, 32]");
      assertThatThrownBy(() -> checkpoint.read("wte.weight", DataType.FLOAT, 3232))
          .isInstanceOf(CheckpointFormatException.class);
    }
  }

  @Test
  void aClosedCheckpointRefusesToRead() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.model("sharded"));
    checkpoint.close();
    checkpoint.close();
    assertThatThrownBy(() -> checkpoint.read("transformer.wte.weight", DataType.FLOAT))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aFolderThatIsMissingOrAFileIsNamed() throws IOException {
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none: no such model folder");
    assertThatThrownBy(() -> Checkpoint.open(Fixtures.file("tiny", "config.json")))
        .isInstanceOf(NotDirectoryException.class)
        .hasMessageContaining("config.json");
  }

  @Test
  void aFolderWithoutAConfigurationOrWeightsSaysWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("config.json");
    writeConfig();
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("model.safetensors.index.json");
  }

  @Test
  void pickledWeightsAreNamedWithAHint() throws IOException {
    writeConfig();
    Files.write(folder.resolve("pytorch_model.bin"), new byte[3]);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("expected model.safetensors, found pytorch_model.bin")
        .hasMessageEndingWith(
            "convert it once with: python3 docs/reference/to_safetensors.py \"" + folder + "\"");
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    writeConfig();
    writeIndex("{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");
    writeShard("one.safetensors", "a");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("two.safetensors");
  }

  @Test
  void aTensorThatItsShardLacksIsRefusedOnOpening() throws IOException {
    writeConfig();
    writeIndex("{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"one.safetensors\"}}");
    writeShard("one.safetensors", "a");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("one.safetensors: tensor b");
  }

  @Test
  void aTensorThatTheIndexDoesNotNameIsNotThere() throws IOException {
    writeConfig();
    writeIndex("{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");
    writeShard("one.safetensors", "a");
    writeShard("two.safetensors", "b", "c");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).containsExactly("a", "b");
      assertThat(checkpoint.has("c")).isFalse();
      assertThatThrownBy(() -> checkpoint.read("c", DataType.FLOAT))
          .isInstanceOf(CheckpointFormatException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"../one.safetensors\"",
        "\"/tmp/one.safetensors\"",
        "\"sub/one.safetensors\"",
        "\"..\\\\one.safetensors\"",
        "\"C:one.safetensors\"",
        "\"one\\u0000.safetensors\"",
        "\"..\"",
        "\".\"",
        "\"\"",
        "\"config.json\"",
        "1",
        "[]"
      })
  void aShardNameThatIsNotAPlainFileNameIsRefused(String name) throws IOException {
    writeConfig();
    writeIndex("{\"weight_map\": {\"a\": " + name + "}}");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("index.json: tensor a: expected the plain name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"weight_map\": null}", "{\"weight_map\": []}", "{\"weight_map\": {}}"})
  void anIndexWithoutAMapIsRefused(String index) throws IOException {
    writeConfig();
    writeIndex(index);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("field weight_map");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // where making a link takes a privilege
  void filesMayBeLinksAsInTheHubsCache() throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("blobs"));
    Path snapshot = Files.createDirectories(folder.resolve("snapshots/main"));
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Path blob = Files.copy(Fixtures.file("tiny", name), blobs.resolve("blob-of-" + name));
      Files.createSymbolicLink(snapshot.resolve(name), snapshot.relativize(blob));
    }
    try (Checkpoint checkpoint = Checkpoint.open(snapshot)) {
      assertThat(checkpoint.names()).hasSize(28);
    }
  }

  private void writeConfig() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
  }

  private void writeIndex(String json) throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), json);
  }

  private void writeShard(String shard, String... names) throws IOException {
    Map<String, INDArray> arrays = new HashMap<>();
    for (String name : names) {
      arrays.put(name, Nd4j.scalar(1f));
    }
    SafetensorsWriter.write(folder.resolve(shard), arrays, Map.of());
  }
}
