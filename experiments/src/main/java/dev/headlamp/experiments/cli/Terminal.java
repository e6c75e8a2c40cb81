package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.hooks.report.ColorMode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * Where the command line writes to.
 *
 * @param out for results
 * @param err for errors and progress
 * @param colors which colours {@code out} shows
 * @param width columns of the terminal
 * @param showsProgress whether somebody watches {@code err}
 */
record Terminal(
    PrintStream out, PrintStream err, ColorMode colors, int width, boolean showsProgress) {

  private static final int DEFAULT_WIDTH = 80;
  private static final int NARROWEST = 24;

  /**
   * Returns the terminal of this process. Java 17 cannot tell whether one stream alone is a
   * terminal, so the {@code headlamp} script says it in system properties.
   */
  static Terminal ofProcess() {
    return new Terminal(
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8),
        Boolean.getBoolean("headlamp.out.terminal") ? colors(System.getenv()) : ColorMode.NONE,
        width(System.getenv()),
        Boolean.getBoolean("headlamp.err.terminal"));
  }

  /** Returns a terminal that is none: plain text, 80 columns, nobody watching. */
  static Terminal plain(PrintStream out, PrintStream err) {
    return new Terminal(out, err, ColorMode.NONE, DEFAULT_WIDTH, false);
  }

  /** Returns the colours that a terminal's environment speaks of (see also no-color.org). */
  static ColorMode colors(Map<String, String> environment) {
    String terminal = environment.getOrDefault("TERM", "dumb");
    if (!environment.getOrDefault("NO_COLOR", "").isEmpty() || terminal.equals("dumb")) {
      return ColorMode.NONE;
    }
    return switch (environment.getOrDefault("COLORTERM", "")) {
      case "truecolor", "24bit" -> ColorMode.TRUECOLOR;
      default -> ColorMode.ANSI256;
    };
  }

  static int width(Map<String, String> environment) {
    String columns = environment.getOrDefault("COLUMNS", "");
    return columns.matches("[1-9]\\d{0,4}")
        ? Math.max(NARROWEST, Integer.parseInt(columns))
        : DEFAULT_WIDTH;
  }

  /** Returns this terminal with what goes to {@code out} thrown away. */
  Terminal withoutOut() {
    PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), false, UTF_8);
    return new Terminal(nowhere, err, ColorMode.NONE, width, showsProgress);
  }

  /** Returns this terminal with nothing but errors shown. */
  Terminal silenced() {
    Terminal silent = withoutOut();
    return new Terminal(silent.out, err, silent.colors, width, false);
  }

  String bold(String text) {
    return escaped("1", text);
  }

  String faint(String text) {
    return escaped("2", text);
  }

  /** Returns a text that stands out, even without colours. */
  String marked(String text) {
    return colors == ColorMode.NONE ? "«" + text + "»" : escaped("1;33", text);
  }

  private String escaped(String code, String text) {
    return colors == ColorMode.NONE ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
