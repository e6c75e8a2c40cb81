package dev.headlamp.experiments.ioi;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.headlamp.hooks.SweepMonitor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a data set for other programs: a row for each prompt, with its words, tokens and positions
 * by meaning, and the text and tokens of each of its flips. Positions count from 0, the
 * beginning-of-sequence token included.
 */
public final class IoiPromptFiles {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int REPORT_EVERY = 100;

  private IoiPromptFiles() {}

  /**
   * Writes CSV (RFC 4180, UTF-8): a header, then a row for each prompt; tokens are separated by
   * spaces. Ends after whole rows if the monitor cancels.
   *
   * @param flips flipped data sets of the same prompts, by what to call them
   * @return how many prompts were written
   * @throws IOException if the file cannot be written
   */
  public static int writeCsv(
      Path file, IoiDataset ioi, Map<IoiFlip, IoiDataset> flips, SweepMonitor monitor)
      throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file, UTF_8)) {
      out.write(String.join(",", row(ioi, flips, 0).keySet()) + "\r\n");
      int i = 0;
      for (; i < ioi.size() && !stops(monitor, i, ioi.size()); i++) {
        out.write(
            row(ioi, flips, i).values().stream()
                    .map(IoiPromptFiles::csv)
                    .collect(Collectors.joining(","))
                + "\r\n");
      }
      return i;
    }
  }

  /** Writes JSON lines (UTF-8), one object for each prompt; otherwise as {@link #writeCsv}. */
  public static int writeJsonLines(
      Path file, IoiDataset ioi, Map<IoiFlip, IoiDataset> flips, SweepMonitor monitor)
      throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file, UTF_8);
        JsonGenerator json = JSON.createGenerator(out).setRootValueSeparator(null)) {
      int i = 0;
      for (; i < ioi.size() && !stops(monitor, i, ioi.size()); i++) {
        json.writeStartObject();
        for (Map.Entry<String, Object> field : row(ioi, flips, i).entrySet()) {
          json.writeFieldName(field.getKey());
          write(field.getValue(), json);
        }
        json.writeEndObject();
        json.writeRaw('\n');
      }
      return i;
    }
  }

  private static boolean stops(SweepMonitor monitor, int done, int total) {
    if (done % REPORT_EVERY == 0) {
      monitor.onProgress(done, total);
    }
    return monitor.stops();
  }

  private static Map<String, Object> row(
      IoiDataset ioi, Map<IoiFlip, IoiDataset> flips, int index) {
    IoiPrompt prompt = ioi.prompts().get(index);
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("prompt", index);
    row.put("template", prompt.template().number());
    row.put("form", prompt.form().name());
    row.put("text", prompt.text());
    row.put("io", prompt.indirectObject());
    row.put("s", prompt.subject1());
    row.put("place", prompt.template().namesPlace() ? prompt.place() : "");
    row.put("object", prompt.template().namesObject() ? prompt.object() : "");
    row.put("io_token", ioi.vocabulary().token(prompt.indirectObject()));
    row.put("s_token", ioi.vocabulary().token(prompt.subject1()));
    row.put("tokens", tokens(ioi, prompt));
    for (IoiPosition position : IoiPosition.values()) {
      row.put("pos_" + position.label(), ioi.position(position, index));
    }
    flips.forEach(
        (flip, flipped) -> {
          IoiPrompt other = flipped.prompts().get(index);
          row.put(flip.name() + "_text", other.text());
          row.put(flip.name() + "_tokens", tokens(flipped, other));
        });
    return row;
  }

  private static List<Integer> tokens(IoiDataset ioi, IoiPrompt prompt) {
    return Arrays.stream(ioi.vocabulary().tokens(prompt)).boxed().toList();
  }

  private static String csv(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
    return value instanceof String text ? '"' + text.replace("\"", "\"\"") + '"' : value.toString();
  }

  private static void write(Object value, JsonGenerator json) throws IOException {
    if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        json.writeObject(element);
      }
      json.writeEndArray();
    } else {
      json.writeObject(value);
    }
  }
}
