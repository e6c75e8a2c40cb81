package dev.headlamp.bench.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Numbers that a fork reports beside its times: a line of name and value each, in a file that the
 * process which started the fork reads. A benchmark that is run by itself reports nothing.
 */
public final class Findings {

  /** The system property that names the file. */
  static final String FILE = "headlamp.bench.findings";

  private Findings() {}

  /** Reports a number; the last of a name counts. */
  public static void report(String name, double value) {
    String file = System.getProperty(FILE);
    if (file == null) {
      return;
    }
    try {
      Files.writeString(
          Path.of(file),
          String.format(Locale.ROOT, "%s %s%n", name, value),
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, Double> read(Path file) throws IOException {
    Map<String, Double> findings = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] nameAndValue = line.split(" ", 2);
      findings.put(nameAndValue[0], Double.valueOf(nameAndValue[1]));
    }
    return findings;
  }
}
