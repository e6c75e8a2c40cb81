package dev.headlamp.experiments.enumeration;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What a file of an enumeration holds.
 *
 * @param header what the rows are of
 * @param rows the rows, NaN where none is written
 */
public record StoredEnumeration(EnumerationHeader header, Enumeration rows) {

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, is no enumeration, or is damaged
   */
  public static StoredEnumeration read(Path file) throws IOException {
    try (EnumerationFile open = EnumerationFile.open(file)) {
      return new StoredEnumeration(open.header(), open.read());
    }
  }
}
