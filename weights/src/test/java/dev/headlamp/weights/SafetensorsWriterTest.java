package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class SafetensorsWriterTest {

  @TempDir private Path folder;

  @Test
  void theFileIsLaidOutAsTheReferenceImplementationDoes() throws IOException {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    arrays.put("b", Nd4j.createFromArray(1f, 2f));
    arrays.put("bytes", Nd4j.createFromArray((byte) 3));
    arrays.put("a", Nd4j.createFromArray(new float[][] {{4f}, {5f}}));
    arrays.put("wide", Nd4j.createFromArray(6.0));
    Path path = folder.resolve("x.safetensors");

    SafetensorsWriter.write(path, arrays, Map.of("format", "pt"));

    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) file.getLong()];
    file.get(header);
    assertThat(header.length % 8).isZero();
    assertThat(new String(header, StandardCharsets.UTF_8).stripTrailing())
        .isEqualTo(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"wide\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[8,16]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},"
                + "\"bytes\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[24,25]}}");
    assertThat(file.getDouble()).isEqualTo(6.0);
    assertThat(file.getFloat()).isEqualTo(4f);
    assertThat(file.getFloat()).isEqualTo(5f);
    assertThat(file.getFloat()).isEqualTo(1f);
    assertThat(file.getFloat()).isEqualTo(2f);
    assertThat(file.get()).isEqualTo((byte) 3);
    assertThat(file.hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void everyDtypeReadsBack(Dtype dtype) throws IOException {
    Path path = folder.resolve("x.safetensors");
    try (INDArray array =
        Nd4j.createFromArray(new float[][] {{1, 0, 1}, {0, 1, 1}}).castTo(dtype.stored())) {
      SafetensorsWriter.write(path, Map.of("a", array), Map.of());
    }
    Map<String, SafetensorsChecker.Tensor> checked =
        SafetensorsChecker.check(Files.readAllBytes(path)).orElseThrow();
    assertThat(checked.get("a").dtype()).isEqualTo(dtype.name());
    assertThat(checked.get("a").data().remaining()).isEqualTo(6 * dtype.width());
    try (SafetensorsFile file = SafetensorsFile.open(path);
        INDArray array = file.read("a")) {
      assertThat(array.shape()).containsExactly(2, 3);
      assertThat(array.data().asDouble()).containsExactly(1, 0, 1, 0, 1, 1);
    }
  }

  @Test
  void viewsOfAnyOrderAndStridesAreWrittenAsTheyRead() throws IOException {
    INDArray base = Nd4j.arange(24).castTo(DataType.FLOAT).reshape(4, 6);
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(
        path,
        Map.of(
            "transposed", base.transpose(),
            "column", base.get(NDArrayIndex.all(), NDArrayIndex.point(1)),
            "block", base.get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(2, 4)),
            "every other", base.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2, 6)),
            "fortran", base.dup('f')),
        Map.of());
    assertThat(floats(path, "transposed")).startsWith(0, 6, 12, 18, 1, 7).hasSize(24);
    assertThat(floats(path, "column")).containsExactly(1, 7, 13, 19);
    assertThat(floats(path, "block")).containsExactly(8, 9, 14, 15);
    assertThat(floats(path, "every other"))
        .containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22);
    assertThat(floats(path, "fortran")).startsWith(0, 1, 2, 3, 4, 5, 6).hasSize(24);
  }

  @Test
  void scalarsEmptyTensorsAndNoTensorsReadBack() throws IOException {
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(
        path,
        Map.of("scalar", Nd4j.scalar(3.5f), "empty", Nd4j.create(DataType.FLOAT, 2, 0)),
        Map.of());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.info("scalar").shape()).isEmpty();
      assertThat(file.info("empty").shape()).containsExactly(2L, 0L);
      assertThat(file.read("scalar").getFloat()).isEqualTo(3.5f);
    }
    SafetensorsWriter.write(path, Map.of(), Map.of());
    assertThat(SafetensorsChecker.check(Files.readAllBytes(path))).contains(Map.of());
  }

  @Test
  void namesAndMetadataKeepEveryCharacter() throws IOException {
    Path path = folder.resolve("x.safetensors");
    String odd = "\"\\/\n\0\u001f é 😀 \u2028";
    SafetensorsWriter.write(path, Map.of(odd, Nd4j.scalar(1f)), Map.of(odd, odd, "", ""));
    assertThat(SafetensorsChecker.check(Files.readAllBytes(path)).orElseThrow())
        .containsOnlyKeys(odd);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.names()).containsExactly(odd);
      assertThat(file.metadata()).isEqualTo(Map.of(odd, odd, "", ""));
    }
  }

  @Test
  void tensorsMayBePutInAnyOrder() throws IOException {
    Path path = folder.resolve("x.safetensors");
    List<TensorSpec> specs =
        List.of(
            new TensorSpec("a", DataType.FLOAT, List.of(1L)),
            new TensorSpec("b", DataType.FLOAT, List.of(1L)));
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, specs, Map.of())) {
      writer.put("b", Nd4j.createFromArray(2f));
      writer.put("a", Nd4j.createFromArray(1f));
      assertThat(path).doesNotExist();
      writer.commit();
    }
    assertThat(floats(path, "a")).containsExactly(1);
    assertThat(floats(path, "b")).containsExactly(2);
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void anUnfinishedFileLeavesWhatWasThereBefore() throws IOException {
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(path, Map.of("old", Nd4j.createFromArray(1f)), Map.of());
    List<TensorSpec> specs = List.of(new TensorSpec("new", DataType.FLOAT, List.of(1L)));
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, specs, Map.of())) {
      assertThatThrownBy(writer::commit)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("1 declared tensors have not been put, first new");
    }
    assertThat(floats(path, "old")).containsExactly(1);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void whatIsPutMustBeWhatWasDeclared() throws IOException {
    Path path = folder.resolve("x.safetensors");
    List<TensorSpec> specs = List.of(new TensorSpec("a", DataType.FLOAT, List.of(2L)));
    SafetensorsWriter writer = SafetensorsWriter.create(path, specs, Map.of());
    try (writer) {
      INDArray right = Nd4j.createFromArray(1f, 2f);
      assertThatThrownBy(() -> writer.put("b", right))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor b was not declared");
      assertThatThrownBy(() -> writer.put("a", Nd4j.createFromArray(1f)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor a: declared F32 [2], given F32 [1]");
      assertThatThrownBy(() -> writer.put("a", Nd4j.createFromArray(1.0, 2.0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("given F64 [2]");
      writer.put("a", right);
      assertThatThrownBy(() -> writer.put("a", right))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("put before");
    }
    assertThatThrownBy(() -> writer.put("a", Nd4j.createFromArray(1f, 2f)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void whatCouldNotBeReadBackIsNotWritten() {
    Path path = folder.resolve("x.safetensors");
    TensorSpec spec = new TensorSpec("a", DataType.FLOAT, List.of(2L));
    assertRefused(path, List.of(spec, spec), "tensor a is there twice");
    assertRefused(
        path,
        List.of(new TensorSpec("__metadata__", DataType.FLOAT, List.of())),
        "cannot be named __metadata__");
    assertRefused(
        path, List.of(new TensorSpec("\ud800", DataType.FLOAT, List.of())), "not valid Unicode");
    assertRefused(
        path,
        List.of(new TensorSpec("a", DataType.FLOAT, List.of(1L << 40, 1L << 40))),
        "over 2^63 bytes");
    assertRefused(
        path,
        List.of(new TensorSpec("x".repeat(60_000), DataType.FLOAT, List.of())),
        "could not be read back");
    assertThatThrownBy(() -> new TensorSpec("a", DataType.UTF8, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tensor a: UTF8 cannot be written");
    assertThatThrownBy(() -> new TensorSpec("a", DataType.FLOAT, List.of(-1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("negative axis");
    assertThat(folder).isEmptyDirectory();
  }

  private static void assertRefused(Path path, List<TensorSpec> specs, String message) {
    assertThatThrownBy(() -> SafetensorsWriter.create(path, specs, Map.of()).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  /** Reads with the checker, not with the product's own reader. */
  private static float[] floats(Path path, String name) throws IOException {
    ByteBuffer bytes =
        SafetensorsChecker.check(Files.readAllBytes(path)).orElseThrow().get(name).littleEndian();
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
