package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.fixtures.Fixtures;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a command line printed and returned. */
record CommandLineRun(int status, String out, String err) {

  /** Runs a command line in this process. */
  static CommandLineRun of(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Headlamp.run(
            Terminal.plain(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8)),
            args);
    return new CommandLineRun(status, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** Runs a command on the model of a fixture. */
  static CommandLineRun on(String fixture, String command, String... args) {
    List<String> all =
        new ArrayList<>(List.of(command, "--model", Fixtures.model(fixture).toString()));
    all.addAll(Arrays.asList(args));
    return of(all.toArray(String[]::new));
  }
}
