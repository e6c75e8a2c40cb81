package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.StoredEnumeration;
import dev.headlamp.experiments.verify.Finding;
import dev.headlamp.experiments.verify.Finding.Verdict;
import dev.headlamp.experiments.verify.PublishedChecks;
import dev.headlamp.experiments.verify.SelfConsistency;
import dev.headlamp.hooks.HookedGpt2;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks a model against what others published of it, and against itself. */
@Command(
    name = "verify",
    description = {
      "Check a model: against the figures published of it, where there are any, and against itself.",
      "The exit status is 0 if nothing misses, 1 if something does."
    })
final class VerifyCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--figures-of",
      paramLabel = "NAME",
      description =
          "The model whose published figures to compare with. Default: the model's own name, a"
              + " folder's being that of the folder.")
  private @Nullable String figuresOf;

  @Option(
      names = "--figures",
      paramLabel = "FILE",
      description = "Figures to compare with, in place of the bundled published-checks.json.")
  private @Nullable Path figures;

  @Option(
      names = "--enumeration",
      paramLabel = "FILE",
      description =
          "The logit differences of all IOI prompts, as `headlamp ioi enumerate` wrote them, to"
              + " compare what is published of them.")
  private @Nullable Path enumeration;

  @Option(names = "--json", description = "Print one JSON document, and nothing else, to stdout.")
  private boolean json;

  VerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    PublishedChecks checks =
        figures == null
            ? PublishedChecks.bundled()
            : InputException.blaming(() -> PublishedChecks.read(figures));
    Terminal people = json ? terminal.withoutOut() : terminal;
    List<VerifyReport.Row> rows = new ArrayList<>();
    VerifyReport report = new VerifyReport(people);
    try (HookedGpt2 hooked = model.load(terminal)) {
      String name = figuresOf == null ? hooked.config().name() : figuresOf;
      PublishedChecks own = withEnumeration(checks.of(name), name);
      report.begin(hooked, name, own.isEmpty());
      own.measure(hooked, (source, finding) -> rows.add(report.show(source, finding)));
      SelfConsistency.measure(
          hooked,
          () -> model.load(terminal, DataType.DOUBLE),
          (source, finding) -> rows.add(report.show(source, finding)));
      report.end(rows);
      if (json) {
        VerifyReport.document(hooked, rows).print(terminal.out());
      }
    }
    boolean missed = rows.stream().map(VerifyReport.Row::finding).anyMatch(VerifyCommand::isMiss);
    return missed ? ExitStatus.MISSED : ExitStatus.OK;
  }

  private PublishedChecks withEnumeration(PublishedChecks checks, String name) {
    if (enumeration == null) {
      return checks;
    }
    if (checks.enumeration().isEmpty()) {
      throw new InputException(
          "--enumeration: nothing is known that was published of all IOI prompts on " + name);
    }
    return checks.withEnumeration(
        InputException.blaming(() -> StoredEnumeration.read(enumeration)));
  }

  private static boolean isMiss(Finding finding) {
    return finding.verdict() == Verdict.MISS;
  }
}
