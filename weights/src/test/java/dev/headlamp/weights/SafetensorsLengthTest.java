package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a file and its header are, broken once in every way. */
class SafetensorsLengthTest extends SafetensorsRulesTestCase {

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
}
