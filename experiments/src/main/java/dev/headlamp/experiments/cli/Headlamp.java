package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.hooks.report.ColorMode;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line, {@code ./headlamp}. */
@Command(
    name = "headlamp",
    description = "GPT-2 with the bonnet open: experiments on what a language model does inside.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Versions.class,
    footer = {"", "Speed is measured by ./headlamp bench; see ./headlamp bench --help."})
public final class Headlamp implements Runnable {

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create(); // picocli puts the real one here

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean help;

  @Option(
      names = "--version",
      versionHelp = true,
      description = "Print the versions of Headlamp, ND4J and Java, and exit.")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean version;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of a failure.")
  private boolean verbose;

  private Headlamp(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs a command and exits: 0 on success, 1 on a failure, 2 on wrong input, 130 on Ctrl-C. */
  public static void main(String... args) {
    Terminal terminal = Terminal.ofProcess();
    int status = run(terminal, args);
    terminal.out().flush();
    System.exit(status);
  }

  /** Runs a command and returns its exit status. */
  static int run(Terminal terminal, String... args) {
    Headlamp headlamp = new Headlamp(terminal);
    CommandLine commands =
        new CommandLine(headlamp)
            .addSubcommand(new PatchCommand(terminal))
            .addSubcommand(new PromptCommand(terminal))
            .addSubcommand(new RunCommand(terminal))
            .addSubcommand(new CacheCommand(terminal))
            .addSubcommand(new VerifyCommand(terminal))
            .addSubcommand(IoiCommand.of(terminal))
            .addSubcommand(new InductionCommand(terminal))
            .addSubcommand(new EmbeddingsCommand(terminal))
            .addSubcommand(new LensCommand(terminal))
            .addSubcommand(new AblateMlpsCommand(terminal));
    commands.setOut(new PrintWriter(terminal.out(), true, UTF_8));
    commands.setColorScheme(
        Help.defaultColorScheme(
            terminal.colors() == ColorMode.NONE ? Help.Ansi.OFF : Help.Ansi.ON));
    commands.setUsageHelpWidth(Math.max(terminal.width(), 55));
    commands.setParameterExceptionHandler((e, given) -> headlamp.refuse(e));
    commands.setExecutionExceptionHandler((e, command, parsed) -> headlamp.fail(e));
    try {
      return commands.execute(args);
    } catch (Error e) {
      // picocli handles exceptions only, but a full memory deserves one clear line too.
      return headlamp.fail(e);
    }
  }

  @Override
  public void run() {
    spec.commandLine().usage(terminal.out());
  }

  private int refuse(ParameterException e) {
    return refuse(
        "%s (see %s --help)"
            .formatted(e.getMessage(), e.getCommandLine().getCommandSpec().qualifiedName()));
  }

  private int refuse(String message) {
    terminal.err().println("headlamp: " + oneLine(message));
    return ExitStatus.WRONG_INPUT;
  }

  private int fail(Throwable e) {
    if (verbose) {
      e.printStackTrace(terminal.err());
    }
    if (e instanceof InputException) {
      return refuse(String.valueOf(e.getMessage()));
    }
    // A full disk, for one: nothing that a trace would explain.
    if (e instanceof IOException failed) {
      return refuse(InputException.reason(failed));
    }
    terminal.err().println("headlamp: failed: " + oneLine(e.toString()) + hint());
    return ExitStatus.FAILED;
  }

  private String hint() {
    return verbose ? "" : " (--verbose shows where)";
  }

  /** A message may quote a file, and a file may hold what a terminal would obey. */
  private static String oneLine(String message) {
    String oneLine = String.join(" ", message.lines().map(String::strip).toList());
    return oneLine.replaceAll("\\p{Cc}", "\uFFFD");
  }
}
