package dev.headlamp.experiments.enumeration;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is no enumeration, or a damaged one. */
public final class EnumerationFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  EnumerationFormatException(Path file, String reason) {
    super(file + " cannot be read as an enumeration: " + reason);
  }
}
