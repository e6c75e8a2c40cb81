package dev.headlamp.experiments.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where results go to. */
final class OutputOptions {

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "headlamp-out",
      description = "The folder to write to; made if it is not there. Default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("headlamp-out");

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but errors.")
  private boolean quiet;

  @Option(names = "--json", description = "Print one JSON document, and nothing else, to stdout.")
  private boolean json;

  /**
   * Returns the folder, in which the given files can be written.
   *
   * @throws InputException if they cannot
   */
  OutputFolder folderFor(String... files) {
    return OutputFolder.prepared(folder, files);
  }

  boolean json() {
    return json;
  }

  /** Returns where what is meant for people goes. */
  Terminal forPeople(Terminal terminal) {
    if (quiet) {
      return terminal.silenced();
    }
    return json ? terminal.withoutOut() : terminal;
  }
}
