package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsBytes.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of the format, broken once. */
class SafetensorsRulesTest {

  private static final String VALID = "{" + entry("a", "U8", "[2]", 0, 2) + "}";

  @TempDir private Path folder;

  @Test
  void aValidFileOpens() {
    assertThatCode(
            () -> SafetensorsBytes.open(folder, SafetensorsBytes.of(VALID, new byte[2])).close())
        .doesNotThrowAnyException();
  }

  @Test
  void aFileWithoutTensorsOpens() throws IOException {
    try (SafetensorsFile file = SafetensorsBytes.open(folder, SafetensorsBytes.of("{}"))) {
      assertThat(file.names()).isEmpty();
    }
  }

  @Test
  void paddingWithSpacesIsAllowed() {
    assertThatCode(
            () ->
                SafetensorsBytes.open(folder, SafetensorsBytes.of(VALID + "     ", new byte[2]))
                    .close())
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\t ", "\0", "x", "{}", ",", " }"})
  void anythingElseAfterTheHeaderIsRefused(String after) {
    assertRefused(SafetensorsBytes.of(VALID + after, new byte[2])).hasMessageContaining("header");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void aFileShorterThanTheHeaderLengthIsRefused(int length) {
    assertRefused(new byte[length]).hasMessageContaining(length + " bytes in the file");
  }

  @ParameterizedTest
  @CsvSource({
    "0, header",
    "1, header",
    "66, 66",
    "100000001, 100000001",
    "4294967354, 4294967354",
    "9223372036854775807, 9223372036854775807",
    "-9223372036854775808, 9223372036854775808",
    "-1, 18446744073709551615"
  })
  void aHeaderLengthThatIsNotTheHeadersIsRefused(long length, String named) {
    byte[] header = VALID.getBytes(StandardCharsets.UTF_8);
    assertRefused(SafetensorsBytes.withHeaderLength(length, header, new byte[2]))
        .hasMessageContaining(named);
  }

  @Test
  void aHeaderOverTheFormatsLimitIsRefusedThoughTheFileIsLongEnough() throws IOException {
    Path path = folder.resolve("long-header.safetensors");
    Files.write(path, SafetensorsBytes.withHeaderLength(100_000_001, new byte[] {'{', '}'}));
    SparseFiles.setLength(path, 200_000_000);
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("at most 100000000");
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] whole = SafetensorsBytes.of(VALID, new byte[2]);
    for (int length = 0; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length));
    }
  }

  @Test
  void aByteTooManyIsRefused() {
    assertRefused(SafetensorsBytes.of(VALID, new byte[3]))
        .hasMessageContaining("data: expected 2 bytes, as the header says, found 3 bytes");
  }

  @Test
  void anotherKindOfFileIsRefused() {
    assertRefused("PK\3\4 and so on, long enough".getBytes(StandardCharsets.UTF_8));
    assertRefused("{\"model_type\": \"gpt2\"}   ".getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " {}",
        "[]",
        "[}",
        "{",
        "}",
        "{{}}",
        "{\"a\"}",
        "{\"a\":}",
        "{'a':{}}",
        "{a:{}}",
        "{/**/}",
        "{,}",
        "\uFEFF{}",
        "{\"a\\x\":{}}",
        "{\"\u0001\":{}}"
      })
  void aHeaderThatIsNotAStrictJsonObjectIsRefused(String header) {
    assertRefused(SafetensorsBytes.of(header)).hasMessageContaining("header");
  }

  @Test
  void aHeaderThatIsNotUtf8IsRefused() {
    for (int[] malformed :
        new int[][] {{0xff}, {0xc3}, {0xc0, 0xaf}, {0xed, 0xa0, 0x80}, {0xf4, 0x90, 0x80, 0x80}}) {
      String header = "{" + entry("a?", "U8", "[2]", 0, 2) + "}";
      byte[] bytes = new byte[header.length() - 1 + malformed.length];
      int at = header.indexOf('?');
      for (int i = 0; i < bytes.length; i++) {
        boolean inside = i >= at && i < at + malformed.length;
        bytes[i] =
            inside
                ? (byte) malformed[i - at]
                : (byte) header.charAt(i < at ? i : i - malformed.length + 1);
      }
      assertRefused(SafetensorsBytes.of(bytes, new byte[2])).hasMessageContaining("expected UTF-8");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud800", "\\udc00x", "\\ud83dx"})
  void halfOfASurrogatePairIsRefused(String name) {
    assertRefused(SafetensorsBytes.of("{" + entry(name, "U8", "[0]", 0, 0) + "}"));
    assertRefused(SafetensorsBytes.of("{\"__metadata__\":{\"" + name + "\":\"\"}}"));
    assertRefused(SafetensorsBytes.of("{\"__metadata__\":{\"a\":\"" + name + "\"}}"));
    assertRefused(SafetensorsBytes.of("{" + entry("a", name, "[0]", 0, 0) + "}"));
  }

  @Test
  void aNameThatIsThereTwiceIsRefused() {
    assertRefused(
            SafetensorsBytes.of(
                "{"
                    + entry("a", "U8", "[1]", 0, 1)
                    + ","
                    + entry("\\u0061", "U8", "[1]", 1, 2)
                    + "}",
                new byte[2]))
        .hasMessageContaining("Duplicate field 'a'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}",
        "{\"__metadata__\":{},\"__metadata__\":{}}",
        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"shape\":[0],\"data_offsets\":[0,0]}}"
      })
  void aFieldThatIsThereTwiceIsRefused(String header) {
    assertRefused(SafetensorsBytes.of(header)).hasMessageContaining("Duplicate field");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "null", "true", "[]", "{}"})
  void metadataThatIsNotAStringIsRefused(String value) {
    assertRefused(SafetensorsBytes.of("{\"__metadata__\":{\"format\":" + value + "}}"))
        .hasMessageContaining("__metadata__: expected a string under format");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"pt\"", "null", "[]"})
  void metadataThatIsNotAnObjectIsRefused(String value) {
    assertRefused(SafetensorsBytes.of("{\"__metadata__\":" + value + "}"))
        .hasMessageContaining("__metadata__: expected an object of strings");
  }

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

  @Test
  void moreThan32AxesAreRefused() {
    String axes = IntStream.range(0, 32).mapToObj(i -> "1").collect(Collectors.joining(","));
    assertRefused(
            SafetensorsBytes.of(
                "{" + entry("a", "U8", "[" + axes + ",1]", 0, 1) + "}", new byte[1]))
        .hasMessageContaining("at most 32 numbers in shape");
    assertThatCode(
            () ->
                SafetensorsBytes.open(
                        folder,
                        SafetensorsBytes.of(
                            "{" + entry("a", "U8", "[" + axes + "]", 0, 1) + "}", new byte[1]))
                    .close())
        .doesNotThrowAnyException();
  }

  @Test
  void moreThan100000EntriesAreRefused() {
    String header =
        IntStream.range(0, 100_001)
            .mapToObj(i -> entry("t" + i, "U8", "[0]", 0, 0))
            .collect(Collectors.joining(",", "{", "}"));
    assertThatThrownBy(() -> SafetensorsBytes.open(folder, SafetensorsBytes.of(header)).close())
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("at most 100000 tensors");
  }

  @Test
  void whatASmallFileClaimsIsNotAllocated() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    byte[] header = VALID.getBytes(StandardCharsets.UTF_8);
    byte[][] files = {
      SafetensorsBytes.withHeaderLength(99_999_999, header, new byte[2]),
      SafetensorsBytes.of("{" + entry("a", "U8", "[1099511627776]", 0, 1L << 40) + "}", new byte[2])
    };
    assertRefused(files[1]); // Loads the classes.
    for (byte[] file : files) {
      long before = threads.getThreadAllocatedBytes(self);
      assertRefused(file);
      assertThat(threads.getThreadAllocatedBytes(self) - before).isLessThan(1 << 20);
    }
  }

  @Test
  void aFolderIsRefused() {
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("expected a regular file, found a folder");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none.safetensors");
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] bytes) {
    assertThat(SafetensorsChecker.check(bytes)).as("what the checker finds").isEmpty();
    return assertThatThrownBy(() -> SafetensorsBytes.open(folder, bytes).close())
        .isExactlyInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("x.safetensors");
  }
}
