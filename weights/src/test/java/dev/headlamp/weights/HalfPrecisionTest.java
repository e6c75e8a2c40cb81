package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class HalfPrecisionTest {

  @Test
  void everyF16IsWhatItsFieldsSay() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertThat((double) HalfPrecision.fromF16((short) bits))
          .as("bits %04x", bits)
          .isEqualTo(Double.valueOf(f16((short) bits)));
    }
  }

  @Test
  void everyBf16IsWhatItsFieldsSay() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertThat((double) HalfPrecision.fromBf16((short) bits))
          .as("bits %04x", bits)
          .isEqualTo(Double.valueOf(bf16((short) bits)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"half", "bfloat16"})
  void aHalfPrecisionModelReadsAsItsBytesSay(String fixture) throws IOException {
    byte[] bytes = Files.readAllBytes(Fixtures.model(fixture).resolve("model.safetensors"));
    Map<String, SafetensorsChecker.Tensor> expected = SafetensorsChecker.check(bytes).orElseThrow();
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.model(fixture))) {
      assertThat(checkpoint.names()).hasSize(28).containsExactlyElementsOf(expected.keySet());
      for (String name : checkpoint.names()) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
          try (INDArray array = checkpoint.read(name, type)) {
            assertThat(array.dataType()).isEqualTo(type);
            assertThat(array.data().asDouble()).isEqualTo(halves(expected.get(name)));
          }
        }
      }
    }
  }

  private static double[] halves(SafetensorsChecker.Tensor tensor) {
    ByteBuffer bytes = tensor.littleEndian();
    double[] values = new double[bytes.remaining() / 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.dtype().equals("F16") ? f16(bytes.getShort()) : bf16(bytes.getShort());
    }
    return values;
  }

  static double f16(short bits) {
    return binary(bits, 5, 10);
  }

  static double bf16(short bits) {
    return binary(bits, 8, 7);
  }

  /** IEEE 754's definition of a binary format, in powers of two. */
  private static double binary(short bits, int exponentBits, int fractionBits) {
    double sign = bits < 0 ? -1 : 1;
    int highest = (1 << exponentBits) - 1;
    int bias = highest / 2;
    int exponent = (bits >> fractionBits) & highest;
    double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
    if (exponent == highest) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * Math.pow(2, 1 - bias)
        : sign * (1 + fraction) * Math.pow(2, exponent - bias);
  }
}
