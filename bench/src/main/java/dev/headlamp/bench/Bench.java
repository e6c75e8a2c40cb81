package dev.headlamp.bench;

import dev.headlamp.bench.harness.AnotherBenchmarkException;
import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Machine;
import dev.headlamp.bench.harness.ResultTable;
import dev.headlamp.bench.harness.Row;
import dev.headlamp.bench.loading.LoadingRuns;
import dev.headlamp.bench.prefixes.PrefixRuns;
import dev.headlamp.bench.products.ProductRates;
import dev.headlamp.bench.products.Reference;
import dev.headlamp.bench.runs.CacheRuns;
import dev.headlamp.bench.runs.ForwardRuns;
import dev.headlamp.bench.runs.GenerationRuns;
import dev.headlamp.bench.runs.HookCost;
import dev.headlamp.bench.size.CostOfSize;
import dev.headlamp.bench.sweeps.SweepRuns;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command that measures everything and prints the table: {@code ./headlamp bench}. */
@Command(
    name = "headlamp bench",
    description = "Measures how fast Headlamp is, as ratios within one run.",
    sortOptions = false)
public final class Bench implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create(); // picocli puts the real one here

  /** At most one of the two is given. */
  private static final class HowMuch {
    @Option(
        names = "--quick",
        description = "Once, on a tiny model, without verdicts: shows that it works.")
    private boolean quick;

    @Option(names = "--full", description = "Large sweeps whole; takes an hour.")
    private boolean full;
  }

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean help;

  @ArgGroup private HowMuch howMuch = new HowMuch();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "TOPIC",
      converter = TopicConverter.class,
      description =
          "Some topics, of forward, hooks, cache, generation, sweeps, large-sweeps,"
              + " prefixes, loading, size, products. Default: all but the last two, with --full or"
              + " --quick all.")
  private List<Topic> topics = List.of();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where JSON and the plot go. Default: ${DEFAULT-VALUE}")
  private Path folder = Path.of("headlamp-out", "bench");

  /** Reads topics by their names. */
  private static final class TopicConverter implements CommandLine.ITypeConverter<Topic> {
    @Override
    public Topic convert(String name) {
      try {
        return Topic.named(name);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(e.getMessage());
      }
    }
  }

  private @Nullable Reference reference;

  /** Runs the command. */
  public static void main(String... arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine command = new CommandLine(new Bench());
    command.setExecutionExceptionHandler(
        (e, failed, given) -> {
          if (!(e instanceof AnotherBenchmarkException)) {
            throw e;
          }
          failed.getErr().printf("headlamp: %s%n", e.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
    return command.setParameterExceptionHandler(
        (e, given) -> {
          command.getErr().printf("headlamp: %s (see headlamp bench --help)%n", e.getMessage());
          return CommandLine.ExitCode.USAGE;
        });
  }

  @Override
  public Integer call() throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Files.createDirectories(folder);
    Forks forks = new Forks(effort());
    String command =
        "headlamp bench " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    ResultTable table = new ResultTable(Machine.here(), command.strip(), out);
    table.printHead();
    for (Topic topic : topics.isEmpty() ? Topic.of(forks.effort()) : topics) {
      for (Row row : measure(topic, forks, table)) {
        table.add(howMuch.quick ? row.notJudged() : row);
      }
      // After each topic, so that what was measured outlives a run that is ended.
      table.writeJson(folder.resolve("table.json"));
      forks.writeJson(folder.resolve("jmh.json"));
    }
    out.println();
    if (howMuch.quick) {
      out.print("Everything ran, on a tiny model and once, which says nothing of speed");
    } else {
      out.printf(
          "%d passed, %d missed", table.count(Row.Verdict.PASS), table.count(Row.Verdict.MISS));
    }
    out.printf("; JSON in %s%n", folder);
    return 0;
  }

  private Effort effort() {
    if (howMuch.quick) {
      return Effort.QUICK;
    }
    return howMuch.full ? Effort.FULL : Effort.STANDARD;
  }

  private List<Row> measure(Topic topic, Forks forks, ResultTable table) throws IOException {
    return switch (topic) {
      case FORWARD -> ForwardRuns.measure(forks, reference(forks, table));
      case HOOKS -> HookCost.measure(forks);
      case CACHE -> CacheRuns.measure(forks);
      case GENERATION -> GenerationRuns.measure(forks);
      case SWEEPS -> SweepRuns.small(forks, reference(forks, table));
      case LARGE_SWEEPS -> SweepRuns.large(forks, reference(forks, table));
      case PREFIXES -> PrefixRuns.measure(forks);
      case LOADING -> LoadingRuns.measure(forks);
      case SIZE -> CostOfSize.measure(forks, folder.resolve("cost-of-size.png"));
      case PRODUCTS -> ProductRates.measure(forks);
    };
  }

  /** Measures the reference when it is first needed, and prints it. */
  private Reference reference(Forks forks, ResultTable table) {
    if (reference == null) {
      reference = Reference.measure(forks);
      table.add(reference.row());
    }
    return reference;
  }
}
