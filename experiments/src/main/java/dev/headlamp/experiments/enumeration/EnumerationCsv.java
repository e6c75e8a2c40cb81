package dev.headlamp.experiments.enumeration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes an enumeration as a table for other programs, some 300 MB for all prompts. */
public final class EnumerationCsv {

  private EnumerationCsv() {}

  /**
   * Writes a row for each prompt that was computed, in their order: number of the template from 1,
   * place, object, S, IO, logit difference. The file is written whole or not at all, and replaces
   * one that is there.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Enumeration enumeration) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (BufferedWriter out = Files.newBufferedWriter(part, UTF_8)) {
        out.write("template,place,object,S,IO,logit_difference\n");
        writeRows(out, enumeration);
      } catch (UncheckedIOException e) {
        throw new IOException(file + " cannot be written: " + e.getCause().getMessage(), e);
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void writeRows(BufferedWriter out, Enumeration enumeration) {
    PromptSpace space = enumeration.space();
    enumeration.forEach(
        Slice.all(),
        (template, place, object, subject, indirectObject, difference) -> {
          try {
            out.append(Integer.toString(template + 1)).append(',');
            out.append(space.places().get(place)).append(',');
            out.append(space.objects().get(object)).append(',');
            out.append(space.names().get(subject)).append(',');
            out.append(space.names().get(indirectObject)).append(',');
            out.append(Float.toString(difference)).append('\n');
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
