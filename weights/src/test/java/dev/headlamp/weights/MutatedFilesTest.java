package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsBytes.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The reader and the checker must agree on 2,000 damaged files, in both directions. */
class MutatedFilesTest {

  private static final int FILES = 2_000;

  /** Buffers of fixed size: the JSON parser's, the decoder's, a chunk of a tensor's. */
  private static final long CONSTANT_BYTES = 1 << 20;

  @TempDir private Path folder;

  @Test
  void aDamagedFileIsRefusedOrReadAsItsBytesSay() throws IOException {
    FileMutator mutator = new FileMutator(20_260_101, everyDtype());
    Path path = folder.resolve("mutated.safetensors");
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = mutator.next();
      Files.write(path, bytes);
      Optional<Map<String, SafetensorsChecker.Tensor>> expected = SafetensorsChecker.check(bytes);
      if (expected.isPresent()) {
        assertReads(path, expected.get());
        accepted++;
      } else {
        assertThatThrownBy(() -> SafetensorsFile.open(path).close(), "file %d", i)
            .isExactlyInstanceOf(CheckpointFormatException.class)
            .hasMessageContaining("mutated.safetensors");
        refused++;
      }
    }
    assertThat(accepted).isGreaterThan(200);
    assertThat(refused).isGreaterThan(200);
  }

  @Test
  void noDamagedFileTakesMoreMemoryThanItsSizeAndAConstant() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    FileMutator mutator = new FileMutator(7, everyDtype());
    Path path = folder.resolve("mutated.safetensors");
    readAll(Files.write(path, everyDtype())); // Loads the classes.
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = mutator.next();
      Files.write(path, bytes);
      long before = threads.getThreadAllocatedBytes(self);
      readAll(path);
      assertThat(threads.getThreadAllocatedBytes(self) - before)
          .as("bytes allocated for file %d", i)
          .isLessThan(bytes.length + CONSTANT_BYTES);
    }
  }

  /** Reads what can be read, whatever the outcome. */
  private static void readAll(Path path) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (String name : file.names()) {
        file.read(name).close();
      }
    } catch (CheckpointFormatException e) {
      assertThat(e).hasMessageContaining(path.toString());
    }
  }

  private static void assertReads(Path path, Map<String, SafetensorsChecker.Tensor> expected)
      throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.names()).containsExactlyElementsOf(expected.keySet());
      for (String name : file.names()) {
        assertReads(file, name, expected.get(name));
      }
    }
  }

  private static void assertReads(
      SafetensorsFile file, String name, SafetensorsChecker.Tensor expected) throws IOException {
    if (!isReadable(expected)) {
      assertThatThrownBy(() -> file.read(name))
          .isExactlyInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining(name);
      return;
    }
    try (INDArray array = file.read(name)) {
      assertThat(array.shape())
          .isEqualTo(expected.shape().stream().mapToLong(BigInteger::longValueExact).toArray());
      ByteBuffer bytes = expected.littleEndian();
      for (int i = 0; bytes.hasRemaining(); i++) {
        Number element = element(expected.dtype(), bytes);
        if (element instanceof Long) {
          assertThat(array.data().getLong(i)).isEqualTo(element);
        } else {
          assertThat(array.data().getDouble(i)).isEqualTo(element);
        }
      }
    }
  }

  private static boolean isReadable(SafetensorsChecker.Tensor tensor) {
    if (tensor.dtype().equals("BOOL")) {
      ByteBuffer bytes = tensor.littleEndian();
      boolean valid = true;
      while (bytes.hasRemaining()) {
        valid &= (bytes.get() & 0xff) <= 1;
      }
      return valid;
    }
    return tensor.dtype().matches("F64|F32|F16|BF16|I64|I32|I16|I8|U8");
  }

  private static Number element(String dtype, ByteBuffer bytes) {
    return switch (dtype) {
      case "F64" -> bytes.getDouble();
      case "F32" -> (double) bytes.getFloat();
      case "F16" -> HalfPrecisionTest.f16(bytes.getShort());
      case "BF16" -> HalfPrecisionTest.bf16(bytes.getShort());
      case "I64" -> bytes.getLong();
      case "I32" -> (long) bytes.getInt();
      case "I16" -> (long) bytes.getShort();
      case "I8" -> (long) bytes.get();
      case "U8", "BOOL" -> (long) (bytes.get() & 0xff);
      default -> throw new IllegalArgumentException(dtype);
    };
  }

  /**
   * A valid file with a tensor of every dtype, a scalar, empty ones, and one of a dtype unknown.
   */
  private static byte[] everyDtype() {
    String header =
        String.join(
            ",",
            "{\"__metadata__\":{\"format\":\"pt\",\"é\":\"\\n\"}",
            entry("f64", "F64", "[2]", 0, 16),
            entry("i64", "I64", "[1,2]", 16, 32),
            entry("f32", "F32", "[2,3]", 32, 56),
            entry("scalar", "F32", "[]", 56, 60),
            entry("empty", "F32", "[0,3]", 60, 60),
            entry("i32", "I32", "[2,1,1]", 60, 68),
            entry("f16", "F16", "[3]", 68, 74),
            entry("bf16", "BF16", "[1,3]", 74, 80),
            entry("i16", "I16", "[2]", 80, 84),
            entry("i8", "I8", "[2]", 84, 86),
            entry("u8", "U8", "[2]", 86, 88),
            entry("bool", "BOOL", "[3]", 88, 91),
            entry("nothing", "I8", "[0]", 91, 91),
            entry("f8 \\u00e9 é", "F8_E4M3", "[2]", 91, 93) + "}   ");
    byte[] data = new byte[93];
    new SplittableRandom(1).nextBytes(data);
    data[88] = 0;
    data[89] = 1;
    data[90] = 1;
    return SafetensorsBytes.of(header, data);
  }
}
