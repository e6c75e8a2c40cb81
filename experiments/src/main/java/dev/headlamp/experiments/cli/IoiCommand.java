package dev.headlamp.experiments.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The experiments on indirect object identification. */
@Command(
    name = "ioi",
    description = {
      "Indirect object identification: \"When Mary and John went to the store, John gave a drink"
          + " to\" is continued by \" Mary\". The experiments of Wang et al. 2022 (arXiv"
          + " 2211.00593) and of those who repeated them."
    },
    synopsisSubcommandLabel = "COMMAND")
final class IoiCommand implements Runnable {

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create(); // picocli puts the real one here

  private IoiCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Returns the command with all its experiments. */
  static CommandLine of(Terminal terminal) {
    return new CommandLine(new IoiCommand(terminal))
        .addSubcommand(new IoiDatasetCommand(terminal))
        .addSubcommand(new IoiRunCommand(terminal))
        .addSubcommand(new IoiLogCommand(terminal))
        .addSubcommand(new CourseCommand(terminal))
        .addSubcommand(new IoiCircuitCommand(terminal))
        .addSubcommand(new EnumerateCommand(terminal))
        .addSubcommand(new MergeCommand(terminal));
  }

  @Override
  public void run() {
    spec.commandLine().usage(terminal.out());
  }
}
