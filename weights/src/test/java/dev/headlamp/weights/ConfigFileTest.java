package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {

  @TempDir private Path folder;

  @Test
  void everyKindOfFieldReads() throws IOException {
    ConfigFile config =
        config("{\"i\": 12, \"n\": 1e-05, \"b\": true, \"t\": \"gpt2\", \"l\": [\"a\", \"b\"]}");
    assertThat(config.integer("i")).isEqualTo(12);
    assertThat(config.integer("i", 3)).isEqualTo(12);
    assertThat(config.number("n", 3)).isEqualTo(1e-5);
    assertThat(config.number("i", 3)).isEqualTo(12.0);
    assertThat(config.bool("b", false)).isTrue();
    assertThat(config.text("t")).isEqualTo("gpt2");
    assertThat(config.text("t", "x")).isEqualTo("gpt2");
    assertThat(config.texts("l")).containsExactly("a", "b");
    assertThat(config.has("i")).isTrue();
  }

  @Test
  void anAbsentFieldGivesTheDefaultAndNullCountsAsAbsent() throws IOException {
    ConfigFile config = config("{\"n_inner\": null}");
    assertThat(config.has("n_inner")).isFalse();
    assertThat(config.integer("n_inner", 3072)).isEqualTo(3072);
    assertThat(config.number("x", 0.5)).isEqualTo(0.5);
    assertThat(config.bool("x", true)).isTrue();
    assertThat(config.text("x", "gelu_new")).isEqualTo("gelu_new");
    assertThat(config.texts("x")).isEmpty();
    assertThat(config.repeatedTexts("x")).isEmpty();
    assertWrong(() -> config.integer("n_inner"), "n_inner", "a whole number", "no such field");
    assertWrong(() -> config.text("x"), "x", "a string", "no such field");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.5", "12.0", "1e2", "2147483648", "-2147483649", "\"12\"", "true", "[12]", "{}"})
  void whatIsNotAWholeNumberOfIntRangeIsRefused(String value) throws IOException {
    ConfigFile config = config("{\"n_layer\": " + value + "}");
    assertWrong(() -> config.integer("n_layer"), "n_layer", "a whole number", "");
    assertWrong(() -> config.integer("n_layer", 1), "n_layer", "a whole number", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"1e-5\"", "1e999", "-1e999", "true", "[]"})
  void whatIsNotAFiniteNumberIsRefused(String value) throws IOException {
    ConfigFile config = config("{\"epsilon\": " + value + "}");
    assertWrong(() -> config.number("epsilon", 1), "epsilon", "a finite number", "");
  }

  @Test
  void noOtherTypeIsConverted() throws IOException {
    ConfigFile config = config("{\"a\": 1, \"b\": \"true\", \"c\": [\"x\", null], \"d\": [1]}");
    assertWrong(() -> config.bool("a", true), "a", "true or false", "1");
    assertWrong(() -> config.bool("b", true), "b", "true or false", "\"true\"");
    assertWrong(() -> config.text("a"), "a", "a string", "1");
    assertWrong(() -> config.texts("a"), "a", "a list of strings", "1");
    assertWrong(() -> config.texts("c"), "c", "a list of strings", "a list of 2");
    assertWrong(() -> config.texts("d"), "d", "a list of strings", "a list of 1");
  }

  @Test
  void gptNeosAttentionReadsBothWays() throws IOException {
    ConfigFile config = ConfigFile.read(Fixtures.file("gpt-neo", "config.json"));
    assertThat(config.texts("attention_layers"))
        .containsExactly("global", "local", "global", "local");
    assertThat(config.repeatedTexts("attention_types"))
        .containsExactly("global", "local", "global", "local");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[[\"a\"], 70000]]",
        "[[[\"a\"], 2147483647], [[\"a\"], 2147483647]]",
        "[[[\"a\"], -1]]",
        "[[[\"a\"]]]",
        "[[[\"a\"], 1, 1]]",
        "[[\"a\", 1]]",
        "[[[1], 1]]",
        "[\"a\"]",
        "\"a\""
      })
  void repetitionsThatAreNoneOrTooManyAreRefused(String value) throws IOException {
    ConfigFile config = config("{\"types\": " + value + "}");
    assertWrong(() -> config.repeatedTexts("types"), "types", "a list of [strings, count]", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "[]",
        "1",
        "null",
        "{",
        "{} x",
        "{}{}",
        "{\"a\": 1, \"a\": 1}",
        "{\"x\": {\"a\": 1, \"a\": 2}}",
        "{\"a\": NaN}",
        "{\"a\": Infinity}",
        "{\"a\": 01}",
        "{\"a\": 'x'}",
        "{\"a\": 1,}",
        "{/* */}",
        "{\"a\": \"\\ud800\"}"
      })
  void whatIsNotOneStrictJsonObjectIsRefused(String json) {
    assertThatThrownBy(() -> config(json))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("config.json: document: expected");
  }

  @Test
  void deepLongAndLargeFilesAreRefused() {
    assertThatThrownBy(() -> config("{\"a\":" + "[".repeat(100_000)))
        .isInstanceOf(CheckpointFormatException.class);
    assertThatThrownBy(() -> config("{\"a\":[" + "0,".repeat(300_000) + "0]}"))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("at most 262144 values");
    assertThatThrownBy(
            () -> {
              Path path = folder.resolve("config.json");
              SparseFiles.setLength(path, 20_000_000_000L);
              ConfigFile.read(path);
            })
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("at most 16777216 bytes, found 20000000000 bytes");
  }

  @Test
  void aFileThatIsNotUtf8IsRefused() {
    assertThatThrownBy(
            () ->
                ConfigFile.read(
                    Files.write(
                        folder.resolve("config.json"),
                        "{\"a\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1))))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("expected UTF-8");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> ConfigFile.read(folder.resolve("config.json")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("config.json");
  }

  private ConfigFile config(String json) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("config.json"), json));
  }

  private static void assertWrong(
      ThrowingCallable reading, String field, String expected, String actual) {
    assertThatThrownBy(reading)
        .isInstanceOfSatisfying(
            CheckpointFormatException.class,
            e -> {
              assertThat(e.file()).hasFileName("config.json");
              assertThat(e.place()).isEqualTo("field " + field);
              assertThat(e.expected()).isEqualTo(expected);
              assertThat(e.actual()).contains(actual);
              assertThat(e).hasMessageContaining(field).hasMessageContaining(expected);
            });
  }
}
