package dev.headlamp.experiments.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What runs: Headlamp, ND4J and Java. */
final class Versions implements IVersionProvider {

  /** Written by the build. */
  private static final String FILE = "versions.properties";

  @Override
  public String[] getVersion() throws IOException {
    Properties built = new Properties();
    try (InputStream file = Versions.class.getResourceAsStream(FILE)) {
      built.load(file);
    }
    return new String[] {
      "headlamp " + built.getProperty("headlamp"),
      "ND4J " + built.getProperty("nd4j"),
      "Java %s, %s".formatted(Runtime.version(), System.getProperty("java.vm.name"))
    };
  }
}
