package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsBytes.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the header is written in, broken once in every way: strict JSON in UTF-8. */
class SafetensorsJsonTest extends SafetensorsRulesTestCase {

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
}
