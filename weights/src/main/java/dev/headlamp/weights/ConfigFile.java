package dev.headlamp.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A model's {@code config.json}: an immutable view of its top-level fields by type.
 *
 * <p>A field whose value is null counts as absent. A field of another type than the one asked for
 * is a {@link CheckpointFormatException} that names the field; no value is converted from one type
 * to another. The file is held to strict JSON of at most 16 MiB, without a key twice.
 */
public final class ConfigFile {

  /** The longest file that is read, in bytes. */
  public static final long MAX_BYTES = JsonDocument.MAX_BYTES;

  /** More layers than any model has, and few enough to write out. */
  private static final int MAX_REPEATED = 1 << 16;

  private final Path path;
  private final Map<String, JsonValue> fields;

  private ConfigFile(Path path, Map<String, JsonValue> fields) {
    this.path = path;
    this.fields = fields;
  }

  /**
   * Reads a file.
   *
   * @throws CheckpointFormatException if it is not one strict JSON object
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  public static ConfigFile read(Path path) throws IOException {
    return new ConfigFile(path, JsonDocument.read(path).values());
  }

  /** Returns the path the file was read from. */
  public Path path() {
    return path;
  }

  /** Returns whether the field is there and not null. */
  public boolean has(String name) {
    return fields.containsKey(name);
  }

  /**
   * Returns a whole number that must be there.
   *
   * @throws CheckpointFormatException if it is absent, spelled with a fraction or an exponent, or
   *     outside the range of an {@code int}
   */
  public int integer(String name) throws CheckpointFormatException {
    return required(name, "a whole number", ConfigFile::asInt);
  }

  /** Returns a whole number, or {@code absent} if it is not there. Throws as the other does. */
  public int integer(String name, int absent) throws CheckpointFormatException {
    return optional(name, "a whole number", ConfigFile::asInt).orElse(absent);
  }

  /**
   * Returns a number, or {@code absent} if it is not there.
   *
   * @throws CheckpointFormatException if it is not a number or exceeds a {@code double}
   */
  public double number(String name, double absent) throws CheckpointFormatException {
    return optional(name, "a finite number", ConfigFile::asDouble).orElse(absent);
  }

  /** Returns true or false, or {@code absent} if it is not there. */
  public boolean bool(String name, boolean absent) throws CheckpointFormatException {
    return optional(name, "true or false", ConfigFile::asBoolean).orElse(absent);
  }

  /** Returns a string that must be there. */
  public String text(String name) throws CheckpointFormatException {
    return required(name, "a string", ConfigFile::asText);
  }

  /** Returns a string, or {@code absent} if it is not there. */
  public String text(String name, String absent) throws CheckpointFormatException {
    return optional(name, "a string", ConfigFile::asText).orElse(absent);
  }

  /** Returns a list of strings, such as GPT-Neo's {@code attention_layers}; empty if absent. */
  public List<String> texts(String name) throws CheckpointFormatException {
    return optional(name, "a list of strings", ConfigFile::asTexts).orElse(List.of());
  }

  /**
   * Returns a list of strings that the file writes as repetitions, such as GPT-Neo's {@code
   * attention_types}: {@code [[["global", "local"], 2]]} is global, local, global, local. Empty if
   * absent.
   *
   * @throws CheckpointFormatException if it is not such a list, or has more than 65536 strings
   */
  public List<String> repeatedTexts(String name) throws CheckpointFormatException {
    return optional(name, "a list of [strings, count]", ConfigFile::asRepeatedTexts)
        .orElse(List.of());
  }

  private <T> T required(String name, String expected, Function<JsonValue, Optional<T>> as)
      throws CheckpointFormatException {
    return optional(name, expected, as).orElseThrow(() -> wrong(name, expected, "no such field"));
  }

  private <T> Optional<T> optional(
      String name, String expected, Function<JsonValue, Optional<T>> as)
      throws CheckpointFormatException {
    JsonValue value = fields.get(Objects.requireNonNull(name, "name"));
    if (value == null) {
      return Optional.empty();
    }
    Optional<T> converted = as.apply(value);
    if (converted.isEmpty()) {
      throw wrong(name, expected, value.toString());
    }
    return converted;
  }

  private CheckpointFormatException wrong(String name, String expected, String actual) {
    return new CheckpointFormatException(path, "field " + name, expected, actual);
  }

  private static Optional<Integer> asInt(JsonValue value) {
    try {
      return value instanceof JsonValue.Numeral numeral
          ? Optional.of(Integer.parseInt(numeral.digits()))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Double> asDouble(JsonValue value) {
    return value instanceof JsonValue.Numeral numeral
        ? Optional.of(Double.parseDouble(numeral.digits())).filter(Double::isFinite)
        : Optional.empty();
  }

  private static Optional<Boolean> asBoolean(JsonValue value) {
    return value instanceof JsonValue.Truth truth ? Optional.of(truth.value()) : Optional.empty();
  }

  private static Optional<String> asText(JsonValue value) {
    return value instanceof JsonValue.Text text ? Optional.of(text.value()) : Optional.empty();
  }

  private static Optional<List<String>> asTexts(JsonValue value) {
    if (!(value instanceof JsonValue.Items items)) {
      return Optional.empty();
    }
    List<String> texts = new ArrayList<>();
    for (JsonValue item : items.values()) {
      if (!(item instanceof JsonValue.Text text)) {
        return Optional.empty();
      }
      texts.add(text.value());
    }
    return Optional.of(List.copyOf(texts));
  }

  private static Optional<List<String>> asRepeatedTexts(JsonValue value) {
    if (!(value instanceof JsonValue.Items runs)) {
      return Optional.empty();
    }
    List<String> texts = new ArrayList<>();
    for (JsonValue run : runs.values()) {
      if (!(run instanceof JsonValue.Items pair) || pair.values().size() != 2) {
        return Optional.empty();
      }
      Optional<List<String>> unit = asTexts(pair.values().get(0));
      Optional<Integer> count = asInt(pair.values().get(1));
      if (unit.isEmpty() || count.isEmpty() || count.get() < 0) {
        return Optional.empty();
      }
      if (texts.size() + (long) unit.get().size() * count.get() > MAX_REPEATED) {
        return Optional.empty();
      }
      Collections.nCopies(count.get(), unit.get()).forEach(texts::addAll);
    }
    return Optional.of(List.copyOf(texts));
  }
}
