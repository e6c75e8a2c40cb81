package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsBytes.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the header says about tensors, broken once in every way. */
class SafetensorsEntryTest extends SafetensorsRulesTestCase {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[]",
        "{}",
        "{\"dtype\":\"U8\",\"shape\":[0]}",
        "{\"dtype\":\"U8\",\"data_offsets\":[0,0]}",
        "{\"shape\":[0],\"data_offsets\":[0,0]}",
        "{\"dtype\":8,\"shape\":[0],\"data_offsets\":[0,0]}",
        "{\"dtype\":null,\"shape\":[0],\"data_offsets\":[0,0]}",
        "{\"dtype\":\"U8\",\"shape\":0,\"data_offsets\":[0,0]}",
        "{\"dtype\":\"U8\",\"shape\":[[0]],\"data_offsets\":[0,0]}",
        "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"order\":\"F\"}"
      })
  void anEntryWithoutExactlyItsThreeFieldsIsRefused(String entry) {
    assertRefused(SafetensorsBytes.of("{\"wte\":" + entry + "}"))
        .hasMessageContaining("tensor wte");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-0",
        "0.0",
        "1e0",
        "9223372036854775808",
        "18446744073709551616",
        "null",
        "\"0\"",
        "00",
        "+0",
        "0x0",
        "NaN"
      })
  void aSizeThatIsNotAWholeNumberFromZeroIsRefused(String size) {
    String shape = "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + size + "],\"data_offsets\":[0,0]}}";
    String begin = "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[" + size + ",0]}}";
    String end = "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0," + size + "]}}";
    assertRefused(SafetensorsBytes.of(shape));
    assertRefused(SafetensorsBytes.of(begin));
    assertRefused(SafetensorsBytes.of(end));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[0]", "[0,0,0]", "[0,[0]]", "[2,0]", "{}"})
  void offsetsThatAreNotABeginAndAnEndAreRefused(String offsets) {
    assertRefused(
            SafetensorsBytes.of(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":" + offsets + "}}",
                new byte[2]))
        .hasMessageContaining("tensor a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "U8   | [3]     | 3 bytes",
        "U8   | [1]     | 1 bytes",
        "U8   | []      | 1 bytes",
        "U8   | [2,0]   | 0 bytes",
        "BOOL | [2,2]   | 4 bytes",
        "I16  | [2]     | 4 bytes",
        "F16  | [3]     | 6 bytes",
        "F32  | [2]     | 8 bytes",
        "I64  | [1,1,1] | 8 bytes"
      })
  void aSizeThatIsNotShapeTimesDtypeIsRefused(String dtype, String shape, String expected) {
    assertRefused(SafetensorsBytes.of("{" + entry("a", dtype, shape, 0, 2) + "}", new byte[2]))
        .hasMessageContaining("tensor a: expected " + expected)
        .hasMessageContaining("found 2 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "U8  | [4294967296,4294967296]",
        "F64 | [2305843009213693952]",
        "F32 | [4611686018427387904]",
        "U8  | [9223372036854775807,2]",
        "F32 | [9223372036854775807,9223372036854775807,0]"
      })
  void aSizeThatOverflowsIsRefused(String dtype, String shape) {
    assertRefused(SafetensorsBytes.of("{" + entry("a", dtype, shape, 0, 0) + "}"))
        .hasMessageContaining("a size below 2^63");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2, 1, 3, overlap",
    "0, 2, 0, 2, the same bytes",
    "0, 2, 3, 5, a gap",
    "1, 3, 3, 5, a gap at the start",
    "0, 3, 1, 2, one inside the other"
  })
  void tensorsThatDoNotFollowOneAnotherAreRefused(
      int beginA, int endA, int beginB, int endB, String what) {
    String header =
        "{"
            + entry("a", "U8", "[" + (endA - beginA) + "]", beginA, endA)
            + ","
            + entry("b", "U8", "[" + (endB - beginB) + "]", beginB, endB)
            + "}";
    assertRefused(SafetensorsBytes.of(header, new byte[Math.max(endA, endB)]))
        .as(what)
        .hasMessageContaining("where the tensor before it ends");
  }

  @Test
  void anEmptyTensorInsideAnotherIsRefused() {
    String header = "{" + entry("a", "U8", "[4]", 0, 4) + "," + entry("b", "U8", "[0]", 2, 2) + "}";
    assertRefused(SafetensorsBytes.of(header, new byte[4])).hasMessageContaining("tensor b");
  }

  @Test
  void tensorsPastTheEndOfTheFileAreRefused() {
    assertRefused(SafetensorsBytes.of("{" + entry("a", "U8", "[3]", 0, 3) + "}", new byte[2]))
        .hasMessageContaining("expected 3 bytes, as the header says, found 2 bytes");
  }

  @Test
  void theOrderOfTheHeaderDoesNotMatter() throws IOException {
    String header = "{" + entry("b", "U8", "[1]", 1, 2) + "," + entry("a", "U8", "[1]", 0, 1) + "}";
    try (SafetensorsFile file =
        SafetensorsBytes.open(folder, SafetensorsBytes.of(header, (byte) 5, (byte) 6))) {
      assertThat(file.names()).containsExactly("a", "b");
      assertThat(file.readLongs("a")).containsExactly(5);
      assertThat(file.readLongs("b")).containsExactly(6);
    }
  }
}
