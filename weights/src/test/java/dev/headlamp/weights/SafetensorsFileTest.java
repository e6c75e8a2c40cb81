package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsBytes.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SafetensorsFileTest {

  private static final long THREE_GIB = 3L << 30;

  @TempDir private Path folder;

  @Test
  void aFileSaysWhatItHolds() throws IOException {
    Path path = Fixtures.file("tiny", "padding-left.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.path()).isEqualTo(path);
      assertThat(file.names())
          .containsExactly(
              "attention_mask", "f64.logits.0", "f64.logits.1", "f64.logits.2", "tokens");
      assertThat(file.metadata())
          .isEqualTo(Map.of("note", "logits.i: what prompt i gives alone, unpadded"));
      assertThat(file.info("tokens"))
          .isEqualTo(new TensorInfo("tokens", "I64", List.of(3L, 24L), 29664, 30240));
      assertThat(file.info("tokens").elements()).isEqualTo(72);
      assertThat(file.has("tokens")).isTrue();
      assertThat(file.has("__metadata__")).isFalse();
    }
  }

  @Test
  void everyFixtureReadsAsItsBytesSay() throws IOException {
    try (var paths = Files.walk(Fixtures.repository().resolve("weights/src/test/fixtures"))) {
      List<Path> files = paths.filter(path -> path.toString().endsWith(".safetensors")).toList();
      assertThat(files).hasSizeGreaterThan(20);
      for (Path path : files) {
        assertReadsAsItsBytesSay(path);
      }
    }
  }

  private static void assertReadsAsItsBytesSay(Path path) throws IOException {
    Map<String, SafetensorsChecker.Tensor> expected =
        SafetensorsChecker.check(Files.readAllBytes(path)).orElseThrow();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.names()).containsExactlyElementsOf(expected.keySet());
      for (String name : file.names()) {
        ByteBuffer bytes = expected.get(name).littleEndian();
        try (INDArray array = file.read(name)) {
          assertThat(array.ordering()).isEqualTo('c');
          switch (expected.get(name).dtype()) {
            case "F32" -> {
              float[] values = new float[bytes.remaining() / 4];
              bytes.asFloatBuffer().get(values);
              assertThat(array.data().asFloat()).isEqualTo(values);
            }
            case "F64" -> {
              double[] values = new double[bytes.remaining() / 8];
              bytes.asDoubleBuffer().get(values);
              assertThat(array.data().asDouble()).isEqualTo(values);
            }
            case "I64" -> {
              long[] values = new long[bytes.remaining() / 8];
              bytes.asLongBuffer().get(values);
              assertThat(array.data().asLong()).isEqualTo(values);
              assertThat(file.readLongs(name)).isEqualTo(values);
            }
            default -> assertThat(expected.get(name).dtype()).isIn("F16", "BF16", "I32");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"I64, 8", "I32, 4", "I16, 2", "I8, 1", "U8, 1"})
  void integersOfEveryWidthReadAsLongs(String dtype, int width) throws IOException {
    byte[] data = new byte[2 * width];
    data[0] = 7;
    data[2 * width - 1] = (byte) 0x80;
    byte[] bytes = SafetensorsBytes.of("{" + entry("a", dtype, "[2]", 0, 2L * width) + "}", data);
    long lowest = dtype.equals("U8") ? 128 : -1L << (8 * width - 1);
    try (SafetensorsFile file = SafetensorsBytes.open(folder, bytes);
        INDArray array = file.read("a")) {
      assertThat(file.readLongs("a")).containsExactly(7, lowest);
      assertThat(array.dataType().width()).isEqualTo(width);
      assertThat(array.data().getLong(1)).isEqualTo(lowest);
    }
  }

  @Test
  void doublesRoundToFloatsAndFloatsWidenToDoubles() throws IOException {
    byte[] data =
        ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putDouble(0.1)
            .putDouble(1e300)
            .putFloat(0.1f)
            .putFloat(-0.0f)
            .array();
    String header =
        "{" + entry("d", "F64", "[2]", 0, 16) + "," + entry("f", "F32", "[2]", 16, 24) + "}";
    try (SafetensorsFile file = SafetensorsBytes.open(folder, SafetensorsBytes.of(header, data));
        INDArray floats = file.read("d", DataType.FLOAT);
        INDArray doubles = file.read("f", DataType.DOUBLE)) {
      assertThat(floats.data().asFloat()).containsExactly(0.1f, Float.POSITIVE_INFINITY);
      assertThat(doubles.data().asDouble()).containsExactly(0.10000000149011612, -0.0);
    }
  }

  @Test
  void aConversionOfManyChunksKeepsEveryElementInItsPlace() throws IOException {
    int count = 100_003;
    ByteBuffer data = ByteBuffer.allocate(count * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      data.putDouble(i);
    }
    String header = "{" + entry("a", "F64", "[" + count + "]", 0, count * 8L) + "}";
    try (SafetensorsFile file =
            SafetensorsBytes.open(folder, SafetensorsBytes.of(header, data.array()));
        INDArray array = file.read("a", DataType.FLOAT)) {
      float[] values = array.data().asFloat();
      assertThat(values).hasSize(count);
      for (int i = 0; i < count; i++) {
        assertThat(values[i]).isEqualTo(i);
      }
    }
  }

  @Test
  void aScalarHasNoAxes() throws IOException {
    byte[] bytes =
        SafetensorsBytes.of(
            "{" + entry("a", "F32", "[]", 0, 4) + "}",
            (byte) 0,
            (byte) 0,
            (byte) 0x80,
            (byte) 0x3f);
    try (SafetensorsFile file = SafetensorsBytes.open(folder, bytes);
        INDArray array = file.read("a")) {
      assertThat(array.rank()).isZero();
      assertThat(array.getFloat()).isEqualTo(1f);
    }
  }

  @Test
  void aTensorWithAnAxisOfLengthZeroIsEmpty() throws IOException {
    byte[] bytes = SafetensorsBytes.of("{" + entry("a", "F32", "[2,0,3]", 0, 0) + "}");
    try (SafetensorsFile file = SafetensorsBytes.open(folder, bytes);
        INDArray array = file.read("a");
        INDArray doubles = file.read("a", DataType.DOUBLE)) {
      assertThat(array.isEmpty()).isTrue();
      assertThat(array.shape()).containsExactly(2, 0, 3);
      assertThat(doubles.dataType()).isEqualTo(DataType.DOUBLE);
    }
  }

  @Test
  void aBooleanOtherThanZeroOrOneIsRefused() throws IOException {
    byte[] bytes =
        SafetensorsBytes.of(
            "{" + entry("a", "BOOL", "[3]", 0, 3) + "}", (byte) 1, (byte) 0, (byte) 2);
    try (SafetensorsFile file = SafetensorsBytes.open(folder, bytes)) {
      assertThatThrownBy(() -> file.read("a"))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("tensor a: expected 0 or 1 in a BOOL, found 2 at element 2");
    }
  }

  @Test
  void aTensorOfAnUnknownDtypeIsRefusedWhenItIsRead() throws IOException {
    String header =
        "{" + entry("a", "F8_E4M3", "[2]", 0, 2) + "," + entry("b", "U8", "[1]", 2, 3) + "}";
    try (SafetensorsFile file =
        SafetensorsBytes.open(folder, SafetensorsBytes.of(header, new byte[3]))) {
      assertThat(file.info("a").dtype()).isEqualTo("F8_E4M3");
      assertThat(file.readLongs("b")).containsExactly(0);
      assertThatThrownBy(() -> file.read("a"))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("tensor a")
          .hasMessageContaining("found F8_E4M3");
    }
  }

  @Test
  void whatIsAskedForMustFitTheDtype() throws IOException {
    try (SafetensorsFile file =
        SafetensorsFile.open(Fixtures.file("tiny", "padding-left.safetensors"))) {
      assertThatThrownBy(() -> file.read("tokens", DataType.FLOAT))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("tensor tokens: expected a floating dtype, found I64");
      assertThatThrownBy(() -> file.readLongs("f64.logits.0"))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("expected an integer dtype, found F64");
      assertThatThrownBy(() -> file.read("f64.logits.0", DataType.INT64))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("FLOAT or DOUBLE");
      assertThatThrownBy(() -> file.read("logits"))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining(
              "tensor logits: expected a tensor of this name, found none among 5");
    }
  }

  @Test
  void anArrayOutlivesTheWorkspaceItWasReadInAndTheFile() throws IOException {
    INDArray bias;
    try (SafetensorsFile file = SafetensorsFile.open(Fixtures.file("tiny", "model.safetensors"));
        MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace("reading")) {
      bias = file.read("ln_f.weight");
      assertThat(bias.isAttached()).isFalse();
      assertThat(workspace.getCurrentSize()).isZero();
    }
    assertThat(bias.length()).isEqualTo(32);
    bias.close();
  }

  @Test
  void aClosedFileRefusesToRead() throws IOException {
    SafetensorsFile file = SafetensorsFile.open(Fixtures.file("tiny", "model.safetensors"));
    file.close();
    file.close();
    assertThatThrownBy(() -> file.read("wte.weight"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    assertThat(file.names()).contains("wte.weight");
  }

  @Test
  void aFileOfSeveralGibibytesReadsAtItsFarEnd() throws IOException {
    Path path = folder.resolve("large.safetensors");
    byte[] header =
        SafetensorsBytes.of(
            "{"
                + entry("large", "U8", "[" + THREE_GIB + "]", 0, THREE_GIB)
                + ","
                + entry("last", "I32", "[2]", THREE_GIB, THREE_GIB + 8)
                + "}");
    Files.write(path, header);
    SparseFiles.setLength(path, header.length + THREE_GIB + 8);
    SparseFiles.write(path, header.length + THREE_GIB + 4, (byte) 42);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.info("large").bytes()).isEqualTo(THREE_GIB);
      assertThat(file.readLongs("last")).containsExactly(0, 42);
      assertThatThrownBy(() -> file.readLongs("large"))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("few enough elements");
    }
  }

  @Test
  void aFileThatShrinksAfterItWasOpenedIsRefused() throws IOException {
    Path path = Files.copy(Fixtures.file("tiny", "model.safetensors"), folder.resolve("model"));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      SparseFiles.setLength(path, Files.size(path) - 1);
      assertThatThrownBy(() -> file.read("wte.weight"))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("tensor wte.weight")
          .hasMessageContaining("as when it was opened");
    }
  }
}
