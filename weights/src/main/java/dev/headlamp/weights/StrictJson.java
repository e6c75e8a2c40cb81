package dev.headlamp.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads JSON to the letter: valid UTF-8, no key twice, nothing after the end; depth, names, strings
 * and numbers of bounded length.
 */
final class StrictJson {

  private static final int MAX_DEPTH = 64;
  private static final int MAX_DIGITS = 1_000;
  private static final int MAX_NAME_CHARS = 50_000;
  private static final int MAX_TEXT_CHARS = 20_000_000;

  // Without canonical names there is no symbol table that a hostile file could fill with
  // collisions.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_DIGITS)
                  .maxNameLength(MAX_NAME_CHARS)
                  .maxStringLength(MAX_TEXT_CHARS)
                  .build())
          .build();

  private StrictJson() {}

  /** Reads one JSON document with a parser that stands before its first token. */
  interface Reading<T> {
    T from(JsonParser parser) throws IOException;
  }

  /**
   * Parses the first {@code length} bytes, which must hold one JSON document and nothing after it
   * but white space.
   *
   * @throws CheckpointFormatException if they do not, naming {@code file} and {@code place}
   */
  static <T> T parse(Path file, String place, byte[] utf8, int length, Reading<T> reading)
      throws IOException {
    Reader text =
        new InputStreamReader(
            new ByteArrayInputStream(utf8, 0, length),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonParser parser = FACTORY.createParser(text)) {
      T value = reading.from(parser);
      if (parser.nextToken() != null) {
        throw new CheckpointFormatException(
            file, place, "the end of the JSON document", "more after it");
      }
      return value;
    } catch (CharacterCodingException e) {
      throw new CheckpointFormatException(file, place, "UTF-8", "bytes that are not", e);
    } catch (JsonProcessingException e) {
      throw new CheckpointFormatException(file, place, "strict JSON", describe(e), e);
    }
  }

  /**
   * Returns the string that the parser stands at. The parser refuses half of an escaped surrogate
   * pair in names, but lets it through in values.
   *
   * @throws CheckpointFormatException if the string has no UTF-8 form
   */
  static String text(Path file, String place, JsonParser json) throws IOException {
    String text = json.getText();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new CheckpointFormatException(
          file, place, "Unicode text", "a string with half of a surrogate pair");
    }
    return text;
  }

  private static String describe(JsonProcessingException e) {
    // A limit that is exceeded comes without a location.
    JsonLocation location = e.getLocation();
    return location == null
        ? e.getOriginalMessage()
        : "%s at line %d, column %d"
            .formatted(e.getOriginalMessage(), location.getLineNr(), location.getColumnNr());
  }
}
