package dev.headlamp.experiments.circuit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.experiments.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Circuits as JSON files:
 *
 * <pre>{@code
 * {"name": "...", "source": "...", "classes": [
 *   {"role": "name mover", "position": "END", "heads": ["9.9", "10.0", "9.6"]}]}
 * }</pre>
 *
 * A head that matters only where others are gone, such as a backup, may have them listed for the
 * test of minimality: {@code "minimality_sets": [{"head": "9.0", "without": ["9.9"]}]}.
 *
 * <p>Roles and positions are written as {@link HeadRole} and {@link IoiPosition#label} write them.
 */
public final class CircuitFile {

  private static final String NAME = "name";
  private static final String SOURCE = "source";
  private static final String CLASSES = "classes";
  private static final String ROLE = "role";
  private static final String POSITION = "position";
  private static final String HEADS = "heads";
  private static final String MINIMALITY = "minimality_sets";
  private static final String HEAD = "head";
  private static final String WITHOUT = "without";

  private CircuitFile() {}

  /**
   * Reads a circuit.
   *
   * @throws IOException if the file cannot be read, or is not JSON
   * @throws IllegalArgumentException naming the file, if a field is unknown, missing or of another
   *     type, or what it says is no circuit
   */
  public static Circuit read(Path file) throws IOException {
    return parse(file.toString(), Files.readString(file, UTF_8));
  }

  /** Returns the 26 heads that the paper found in gpt2 (its figure 2). */
  public static Circuit ofThePaper() {
    return bundled("gpt2-ioi.json");
  }

  /** Returns the 13 heads of the paper's naive circuit (its section 4.3). */
  public static Circuit naive() {
    return bundled("gpt2-ioi-naive.json");
  }

  private static Circuit bundled(String resource) {
    try (InputStream in = CircuitFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + resource + " is missing");
      }
      return parse(resource, new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + resource, e);
    }
  }

  private static Circuit parse(String file, String text) throws IOException {
    try {
      JsonObject json = JsonObject.parse(text).onlyWith(NAME, SOURCE, CLASSES, MINIMALITY);
      return new Circuit(
          json.text(NAME),
          json.text(SOURCE),
          json.objects(CLASSES).stream().map(CircuitFile::headClass).toList(),
          json.has(MINIMALITY) ? minimalitySets(json.objects(MINIMALITY)) : Map.of());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IOException(file + " is not JSON: " + e.getMessage(), e);
    }
  }

  private static HeadClass headClass(JsonObject json) {
    json.onlyWith(ROLE, POSITION, HEADS);
    return new HeadClass(
        HeadRole.parse(json.text(ROLE)), position(json.text(POSITION)), heads(json.texts(HEADS)));
  }

  private static Map<Head, List<Head>> minimalitySets(List<JsonObject> sets) {
    Map<Head, List<Head>> byHead = new TreeMap<>();
    for (JsonObject set : sets) {
      set.onlyWith(HEAD, WITHOUT);
      byHead.put(Head.parse(set.text(HEAD)), heads(set.texts(WITHOUT)));
    }
    return byHead;
  }

  private static List<Head> heads(List<String> names) {
    return names.stream().map(Head::parse).toList();
  }

  private static IoiPosition position(String label) {
    return Arrays.stream(IoiPosition.values())
        .filter(position -> position.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown position '%s': there are %s"
                        .formatted(
                            label,
                            Arrays.stream(IoiPosition.values()).map(IoiPosition::label).toList())));
  }

  /**
   * Writes a circuit, replacing a file that is there.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Circuit circuit) throws IOException {
    Files.writeString(file, text(circuit), UTF_8);
  }

  private static String text(Circuit circuit) throws IOException {
    StringWriter text = new StringWriter();
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
    try (JsonGenerator json = new JsonFactory().createGenerator(text).setPrettyPrinter(printer)) {
      json.writeStartObject();
      json.writeStringField(NAME, circuit.name());
      json.writeStringField(SOURCE, circuit.source());
      json.writeArrayFieldStart(CLASSES);
      for (HeadClass heads : circuit.classes()) {
        json.writeStartObject();
        json.writeStringField(ROLE, heads.role().toString());
        json.writeStringField(POSITION, heads.position().label());
        json.writeFieldName(HEADS);
        write(heads.heads(), json);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart(MINIMALITY);
      for (Map.Entry<Head, List<Head>> set : new TreeMap<>(circuit.minimalitySets()).entrySet()) {
        json.writeStartObject();
        json.writeStringField(HEAD, set.getKey().toString());
        json.writeFieldName(WITHOUT);
        write(set.getValue(), json);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text + "\n";
  }

  private static void write(List<Head> heads, JsonGenerator json) throws IOException {
    json.writeArray(heads.stream().map(Head::toString).toArray(String[]::new), 0, heads.size());
  }
}
