package dev.headlamp.experiments.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The experiments on indirect object identification. */
@Command(
    name = "ioi",
    description = "Indirect object identification: \"... John gave a drink to\" -> \" Mary\".",
    synopsisSubcommandLabel = "COMMAND")
final class IoiCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create(); // picocli puts the real one here

  private IoiCommand() {}

  /** Returns the command with its subcommands. */
  static CommandLine with(Terminal terminal) {
    return new CommandLine(new IoiCommand())
        .addSubcommand(new EnumerateCommand(terminal))
        .addSubcommand(new MergeCommand(terminal));
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
